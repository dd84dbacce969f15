import { fork } from 'node:child_process'
import { once } from 'node:events'
import { CommandError } from '#demo/command-error.js'
import { atEnd } from './run-bench.js'

const PROBE_PROCESS = new URL('./probe-process.js', import.meta.url)

/** A process that sends GETs of one key to Redis, one after the other, as long as the bench runs. */
export interface Probe {
  /** How long each GET took while `work` was done, in milliseconds, ascending. */
  during(work: () => Promise<unknown>): Promise<number[]>
}

export function startProbe(url: string, key: string): Probe {
  const child = fork(PROBE_PROCESS, [url, key])
  const exited = once(child, 'exit')
  atEnd(async () => {
    if (child.connected) child.disconnect()
    await exited
  })

  const latenciesSoFar = async (): Promise<number[]> => {
    const ended = exited.then(() => {
      throw new CommandError('The process that sends GETs has ended.')
    })
    // Should the process be gone, `ended` says so better than the channel.
    child.send('', () => {})
    const [latencies] = await Promise.race([once(child, 'message'), ended])
    return latencies as number[]
  }

  return {
    async during(work) {
      await latenciesSoFar()
      await work()
      const latencies = await latenciesSoFar()
      return latencies.sort((a, b) => a - b)
    },
  }
}
