import type { CacheEvent } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { CommandError } from '#demo/command-error.js'
import { ALL_LISTS, type Crm } from './crm.js'
import { median, show } from './figures.js'
import { lists, storeInCache, storePlain } from './lists.js'
import type { BarChart } from './pictures/chart.js'
import { scanAndDelete } from './scan-and-delete.js'
import { tableOf } from './table.js'

/** A cache with a database of its own, in which so many entries lie that nobody evicts. */
export interface Site extends Crm {
  readonly others: number
}

/** Milliseconds of each round, by site. */
export interface EvictionCost {
  readonly way: string
  readonly rounds: readonly (readonly number[])[]
}

export interface ScanCost {
  readonly way: string
  readonly rounds: readonly number[]
}

export const MATCHING = 100

const WARM_UP_ROUNDS = 20
const WAYS = [
  {
    way: `cache.deletePattern('${ALL_LISTS}')`,
    evict: ({ cache }: Site) => cache.deletePattern(ALL_LISTS),
  },
  {
    way: `cache.evict('${ALL_LISTS}') on a route`,
    evict: ({ url }: Site) => fetch(`${url}/customers`, { method: 'POST' }),
  },
]

/** Evicts the same number of lists from each site in turn, over and over. */
export async function measureEvictions(sites: readonly Site[], rounds: number): Promise<EvictionCost[]> {
  const costs = WAYS.map(({ way, evict }) => ({ way, evict, rounds: [] as number[][] }))
  for (let number = 1 - WARM_UP_ROUNDS; number <= rounds; number++) {
    for (const cost of costs) {
      const times: number[] = []
      for (const site of sites) times.push(await timeEviction(site, cost.evict))
      if (number > 0) cost.rounds.push(times)
    }
  }
  return costs
}

/** The same with keys that no index lists, in the way that needs none. */
export async function measureScans(
  redis: Redis,
  counts: readonly number[],
  rounds: number,
): Promise<ScanCost[]> {
  const costs = counts.map((count) => ({
    way: `SCAN COUNT ${show(count)} and DEL`,
    count,
    rounds: [] as number[],
  }))
  for (let number = 1; number <= rounds; number++) {
    for (const { count, rounds } of costs) {
      await storePlain(redis, lists(MATCHING))
      const startedAt = performance.now()
      checkRemoved(await scanAndDelete(redis, ALL_LISTS, count), MATCHING)
      rounds.push(performance.now() - startedAt)
    }
  }
  return costs
}

/** How many times as long it takes at the last site as at the first; the median of the ratios within each round. */
export function growthOf({ rounds }: EvictionCost): number {
  return median(rounds.map((times) => (times.at(-1) ?? Number.NaN) / (times[0] ?? Number.NaN)))
}

/** The median at the site with the most other entries. */
export function largestOf({ rounds }: EvictionCost): number {
  return median(rounds.map((times) => times.at(-1) ?? Number.NaN))
}

export function costTable(
  sites: readonly Site[],
  evictions: readonly EvictionCost[],
  scans: readonly ScanCost[],
): string {
  const heads = sites.map(({ others }) => `${show(others)} others, ms`)
  const none = sites.slice(1).map(() => '–')
  return tableOf(
    ['way', ...heads, 'last to first'],
    [
      ...evictions.map((cost) => {
        const medians = sites.map((_, site) => median(cost.rounds.map((times) => times[site] ?? Number.NaN)))
        return [cost.way, ...medians.map((ms) => show(ms, 2)), show(growthOf(cost), 2)]
      }),
      ...scans.map(({ way, rounds }) => [way, ...none, show(median(rounds), 2), '–']),
    ],
  )
}

/** How long each way takes, by how much else is there. */
export function costPicture(
  sites: readonly Site[],
  evictions: readonly EvictionCost[],
  scans: readonly ScanCost[],
): BarChart {
  const groups = sites.map(({ others }, site) => {
    const isLast = site === sites.length - 1
    const bars = evictions.map(({ way, rounds }) => ({
      name: way,
      value: median(rounds.map((times) => times[site] ?? Number.NaN)),
    }))
    const ofScans = isLast ? scans.map(({ way, rounds }) => ({ name: way, value: median(rounds) })) : []
    return { name: `beside ${show(others)} others`, bars: [...bars, ...ofScans] }
  })
  return { kind: 'bars', title: `Removing ${MATCHING} lists`, unit: 'ms', groups }
}

async function timeEviction(site: Site, evict: (site: Site) => Promise<unknown>): Promise<number> {
  await storeInCache(site.cache, lists(MATCHING))
  const [{ removed, ms }] = await Promise.all([nextEviction(site), evict(site)])
  checkRemoved(removed, MATCHING)
  return ms
}

/** What the cache tells of it: the eviction alone, without the request around it. */
function nextEviction({ cache }: Site): Promise<CacheEvent & { type: 'evict' }> {
  return new Promise((resolve, reject) => {
    const stop = cache.observe((event) => {
      if (event.type === 'evict') resolve(event)
      else if (event.type === 'evict-kept') reject(new CommandError('Redis did not acknowledge an eviction.'))
      else return
      stop()
    })
  })
}

export function checkRemoved(removed: number, expected: number): void {
  if (removed !== expected) throw new CommandError(`${removed} keys were removed instead of ${expected}.`)
}
