import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// The flag takes effect for contexts made after it.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What this process cannot let go of, in bytes: its heap after a full collection, and its buffers. */
export async function retainedBytes(): Promise<number> {
  // What ends on this turn, such as a closed socket, is let go of on the next.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
