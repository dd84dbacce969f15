import { bucketsSince, percentileMs } from '../engine/latencies.js'
import type { Accounts } from '../engine/statistics.js'
import type { HistoryPoint } from './reports.js'

/** How much time a point is about. */
export const POINT_MS = 10_000
/** An hour of them. */
const MOST_POINTS = 360

/** Sums since the process began. */
export interface Sums extends Accounts {
  readonly stale: number
  readonly errors: number
  readonly hitBuckets: readonly number[]
  readonly loadBuckets: readonly number[]
}

const NOTHING: Sums = {
  ...{ hits: 0, misses: 0, bypasses: 0, stale: 0, errors: 0 },
  ...{ hitBuckets: [], loadBuckets: [] },
}

/** The last hour, in points of ten seconds. */
export class History {
  #before: Sums = NOTHING
  #points: HistoryPoint[] = []

  /** Ends a point. @param at - In milliseconds since 1970. */
  add(sums: Sums, at: number): void {
    const before = this.#before
    const hits = bucketsSince(sums.hitBuckets, before.hitBuckets)
    const loads = bucketsSince(sums.loadBuckets, before.loadBuckets)
    this.#before = sums
    this.#points.push({
      at,
      hits: sums.hits - before.hits,
      misses: sums.misses - before.misses,
      bypasses: sums.bypasses - before.bypasses,
      stale: sums.stale - before.stale,
      errors: sums.errors - before.errors,
      hitP50Ms: percentileMs(hits, 0.5),
      hitP99Ms: percentileMs(hits, 0.99),
      loadP50Ms: percentileMs(loads, 0.5),
      loadP99Ms: percentileMs(loads, 0.99),
    })
    if (this.#points.length > MOST_POINTS) this.#points.shift()
  }

  /** The newest last. */
  list(): readonly HistoryPoint[] {
    return [...this.#points]
  }
}
