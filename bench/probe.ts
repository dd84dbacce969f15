import { forkProcess } from './fork-process.js'

const PROBE_PROCESS = new URL('./probe-process.js', import.meta.url)

/** A process that sends GETs of one key to Redis, one after the other, as long as the bench runs. */
export interface Probe {
  /** How long each GET took while `work` was done, in milliseconds, ascending. */
  during(work: () => Promise<unknown>): Promise<number[]>
}

export function startProbe(url: string, key: string): Probe {
  const probe = forkProcess(PROBE_PROCESS, { what: 'The process that sends GETs', args: [url, key] })
  return {
    async during(work) {
      // What has been measured so far.
      await probe.ask<number[]>()
      await work()
      const latencies = await probe.ask<number[]>()
      return latencies.sort((a, b) => a - b)
    },
  }
}
