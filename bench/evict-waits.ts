import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { ALL_LISTS } from './crm.js'
import { checkRemoved, type Site } from './evict-cost.js'
import { median, percentile, show } from './figures.js'
import { lists, storeInCache, storePlain } from './lists.js'
import type { BarChart } from './pictures/chart.js'
import type { Probe } from './probe.js'
import { scanAndDelete } from './scan-and-delete.js'
import { tableOf } from './table.js'

/** What somebody else met with while something was done. */
export interface Window {
  readonly ms: number
  /** Of GETs, in milliseconds, ascending. */
  readonly latencies: readonly number[]
}

/** One of each in every round. */
export interface WaitRound {
  readonly idle: Window
  readonly eviction: Window
  readonly scan: Window
}

const SCAN_COUNT = 1_000
const NAMES: Readonly<Record<keyof WaitRound, string>> = {
  idle: 'nothing',
  eviction: `cache.deletePattern('${ALL_LISTS}')`,
  scan: `SCAN COUNT ${show(SCAN_COUNT)} and DEL`,
}

/** Watches GETs while many lists are evicted, for as long while nothing happens, and while as many go by SCAN and DEL. */
export async function measureWaits(
  { cache }: Site,
  redis: Redis,
  probe: Probe,
  {
    matching,
    rounds,
    onRound,
  }: { matching: number; rounds: number; onRound: (number: number, round: WaitRound) => void },
): Promise<WaitRound[]> {
  const watch = async (work: () => Promise<unknown>): Promise<Window> => {
    let ms = 0
    const latencies = await probe.during(async () => {
      const startedAt = performance.now()
      await work()
      ms = performance.now() - startedAt
    })
    return { ms, latencies }
  }

  const measured: WaitRound[] = []
  for (let number = 1; number <= rounds; number++) {
    await storeInCache(cache, lists(matching))
    const eviction = await watch(async () => checkRemoved(await cache.deletePattern(ALL_LISTS), matching))
    await storePlain(redis, lists(matching))
    const idle = await watch(() => sleep(eviction.ms))
    const scan = await watch(async () => {
      checkRemoved(await scanAndDelete(redis, ALL_LISTS, SCAN_COUNT), matching)
    })
    const round = { idle, eviction, scan }
    measured.push(round)
    onRound(number, round)
  }
  return measured
}

/** The longest GET of each round. */
export function longestOf(rounds: readonly WaitRound[], name: keyof WaitRound): number[] {
  return rounds.map((round) => round[name].latencies.at(-1) ?? Number.NaN)
}

export function waitTable(rounds: readonly WaitRound[]): string {
  const rows = (Object.keys(NAMES) as (keyof WaitRound)[]).map((name) => {
    const windows = rounds.map((round) => round[name])
    const longest = longestOf(rounds, name)
    return [
      NAMES[name],
      show(median(windows.map(({ ms }) => ms))),
      show(median(windows.map(({ latencies }) => latencies.length))),
      show(median(windows.map(({ latencies }) => percentile(latencies, 0.99))), 2),
      show(median(longest), 2),
      show(Math.max(...longest), 2),
    ]
  })
  return tableOf(['meanwhile', 'took ms', 'GETs', 'p99 ms', 'longest ms', 'longest of all rounds ms'], rows)
}

export function waitPicture(rounds: readonly WaitRound[]): BarChart {
  const bars = (Object.keys(NAMES) as (keyof WaitRound)[]).map((name) => {
    const longest = longestOf(rounds, name)
    return {
      name: NAMES[name],
      value: median(longest),
      low: Math.min(...longest),
      high: Math.max(...longest),
    }
  })
  const title = 'The longest GET of another process while lists are removed'
  return { kind: 'bars', title, unit: 'ms', groups: [{ name: 'meanwhile', bars }] }
}
