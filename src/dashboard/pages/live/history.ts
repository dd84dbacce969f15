import type { HistoryPoint } from '../../../monitoring/reports.js'

export const POINT_MS = 10_000
const HOUR_MS = 3_600_000

/** Adds what is new, puts what is known better in its place, and forgets what is older than an hour. */
export function addHistory(
  known: readonly HistoryPoint[],
  more: readonly HistoryPoint[],
): readonly HistoryPoint[] {
  if (more.length === 0) return known
  const byTime = new Map([...known, ...more].map((point) => [point.at, point]))
  const all = [...byTime.values()].sort((one, other) => one.at - other.at)
  const newest = all.at(-1)?.at ?? 0
  return all.filter(({ at }) => at > newest - HOUR_MS)
}

type Counts = Pick<HistoryPoint, 'hits' | 'misses' | 'bypasses' | 'stale' | 'errors'>

/** What has been counted since an instant. */
export function sumSince(history: readonly HistoryPoint[], since: number): Counts {
  const sum = { hits: 0, misses: 0, bypasses: 0, stale: 0, errors: 0 }
  for (const point of history) {
    if (point.at <= since) continue
    for (const field of Object.keys(sum) as (keyof Counts)[]) sum[field] += point[field]
  }
  return sum
}

/** A minute, with what was counted in it; the newest first. */
export function minutesOf(history: readonly HistoryPoint[]): readonly (Counts & { readonly at: number })[] {
  const newest = history.at(-1)?.at
  if (newest === undefined) return []
  const minutes = Math.min(10, Math.ceil((newest - (history[0]?.at ?? newest) + POINT_MS) / 60_000))
  return Array.from({ length: minutes }, (_, nth) => {
    const at = newest - nth * 60_000
    const inMinute = history.filter((point) => point.at <= at && point.at > at - 60_000)
    return { at, ...sumSince(inMinute, 0) }
  })
}
