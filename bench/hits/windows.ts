import { setTimeout as sleep } from 'node:timers/promises'
import { median, percentile, sum } from '../figures.js'
import { startLoad } from '../load.js'
import type { RunningSubject } from './running-subject.js'

/** What a subject did in about a second. */
export interface Window {
  readonly requestsPerSecond: number
  readonly cpuMsPerRequest: number
  readonly p99Ms: number
}

/** So that all connections are open, and the first requests are over. */
const LEAD_IN_MS = 120
const WINDOW_MS = 1_000
const BEST_SHARE = 1 / 5

export async function measureWindow(
  { subject, url, usage }: RunningSubject,
  path: string,
  connections: number,
): Promise<Window> {
  let latencies: number[] = []
  const load = startLoad({
    name: subject.name,
    url,
    requests: Array.from({ length: connections }, () => [{ path }]),
    seconds: (5 * (LEAD_IN_MS + WINDOW_MS)) / 1_000,
    onAnswer: (_connection, milliseconds) => latencies.push(milliseconds),
  })
  await sleep(LEAD_IN_MS)
  const before = await usage()
  const startedAt = performance.now()
  latencies = []
  await sleep(WINDOW_MS)
  const after = await usage()
  const ms = performance.now() - startedAt
  const measured = latencies
  load.stop()
  await load.ended
  return {
    requestsPerSecond: (measured.length / ms) * 1_000,
    cpuMsPerRequest: (after.cpuMs - before.cpuMs) / measured.length,
    p99Ms: percentile(
      measured.sort((a, b) => a - b),
      0.99,
    ),
  }
}

/**
 * The CPU time of a request where nothing else was in its way: the mean of the best fifth of the windows, since
 * whatever shares a core's caches can only add to it.
 */
export function bestCpuMs(windows: readonly Window[]): number {
  const sorted = windows.map(({ cpuMsPerRequest }) => cpuMsPerRequest).sort((a, b) => a - b)
  const best = sorted.slice(0, Math.ceil(sorted.length * BEST_SHARE))
  return sum(best) / best.length
}

export function medianOf(windows: readonly Window[], figure: keyof Window): number {
  return median(windows.map((window) => window[figure]))
}
