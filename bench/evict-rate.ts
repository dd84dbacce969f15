import { forEachAtOnce } from './at-once.js'
import type { Site } from './evict-cost.js'
import { median, show } from './figures.js'
import { lists, storeInCache } from './lists.js'
import { tableOf } from './table.js'

/** Evictions of one key each, per second and round, by how many are under way at once. */
export type EvictionRates = ReadonlyMap<number, readonly number[]>

const KEYS = 5_000

export async function measureRates(
  { cache }: Site,
  atOnce: readonly number[],
  rounds: number,
): Promise<EvictionRates> {
  const rates = new Map(atOnce.map((count) => [count, [] as number[]]))
  const keys = [...lists(KEYS)].map(([key]) => key)
  for (let number = 0; number <= rounds; number++) {
    for (const [count, ofCount] of rates) {
      await storeInCache(cache, lists(KEYS))
      const startedAt = performance.now()
      await forEachAtOnce(keys, count, (key) => cache.delete(key))
      // The first round warms up.
      if (number > 0) ofCount.push((KEYS / (performance.now() - startedAt)) * 1_000)
    }
  }
  return rates
}

export function rateTable(rates: EvictionRates): string {
  return tableOf(
    ['evictions of one key at once', 'per second'],
    [...rates].map(([count, ofCount]) => [show(count), show(median(ofCount))]),
  )
}
