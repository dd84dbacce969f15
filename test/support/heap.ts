import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// The flag takes effect for contexts made after it.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void

/** What this process cannot let go of, in bytes: its heap after a full collection, and its buffers. */
export async function retainedBytes(): Promise<number> {
  // What ends on this turn, such as a closed socket, is let go of on the next.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** How much of what a step leaves behind, done so often, has become old: V8 lets go of it only when it collects all. */
export async function agedBytes(times: number, step: () => Promise<void>): Promise<number> {
  collectGarbage()
  const before = oldBytes()
  for (let nth = 0; nth < times; nth++) {
    await step()
    // What is young and still reached becomes old by the second.
    for (const _time of [1, 2]) collectGarbage({ type: 'minor' })
  }
  return oldBytes() - before
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size ?? 0
}
