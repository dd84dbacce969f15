import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { percentile, sum } from '../figures.js'
import { startLoad } from '../load.js'
import { cpuMsOf } from '../redis.js'
import type { Target } from './targets.js'

/** What a subject did in a window. */
export interface Window {
  readonly requestsPerSecond: number
  /** Of the app's process. */
  readonly appCpuMs: number
  readonly redisCpuMs: number
  readonly p99Ms: number
}

/** So that all connections are open, and the first requests are over. */
const LEAD_IN_MS = 120
const BEST_SHARE = 1 / 5

/** @param redis - The one that the apps use. */
export async function measureWindow(
  { running: { subject, url, usage }, path, connections }: Target,
  redis: Redis,
  windowMs: number,
): Promise<Window> {
  const cpuOf = async () => {
    const [{ cpuMs }, redisCpuMs] = await Promise.all([usage(), cpuMsOf(redis)])
    return { app: cpuMs, redis: redisCpuMs }
  }
  let latencies: number[] = []
  const load = startLoad({
    name: subject.name,
    url,
    requests: Array.from({ length: connections }, () => [{ path }]),
    seconds: (5 * (LEAD_IN_MS + windowMs)) / 1_000,
    onAnswer: (_connection, milliseconds) => latencies.push(milliseconds),
  })
  await sleep(LEAD_IN_MS)
  const before = await cpuOf()
  const startedAt = performance.now()
  latencies = []
  await sleep(windowMs)
  const after = await cpuOf()
  const ms = performance.now() - startedAt
  const measured = latencies
  load.stop()
  await load.ended
  return {
    requestsPerSecond: (measured.length / ms) * 1_000,
    appCpuMs: (after.app - before.app) / measured.length,
    redisCpuMs: (after.redis - before.redis) / measured.length,
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
export function bestCpuMs(windows: readonly Window[], whose: 'appCpuMs' | 'redisCpuMs'): number {
  const sorted = windows.map((window) => window[whose]).sort((a, b) => a - b)
  const best = sorted.slice(0, Math.ceil(sorted.length * BEST_SHARE))
  return sum(best) / best.length
}
