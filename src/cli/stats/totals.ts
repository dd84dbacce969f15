import { latencyReport, sumOfBuckets } from '../../engine/latencies.js'
import type {
  LatencyReport,
  ProcessReport,
  ReasonReport,
  RuleReport,
  Totals,
} from '../../monitoring/reports.js'
import { groupBy } from '../../tools/group-by.js'

/** What all processes have done with one rule since they began. */
export interface RuleTotals
  extends Pick<
    RuleReport,
    'name' | 'where' | 'key' | 'ttlMs' | 'hits' | 'misses' | 'bypasses' | 'storedBytes'
  > {
  readonly hitLatency: LatencyReport
  readonly loadLatency: LatencyReport
  readonly reasons: readonly ReasonReport[]
}

/** Sums of all processes. */
export function totalsOf(reports: readonly ProcessReport[]): Totals {
  const sum = (field: keyof Totals): number => sumOf(reports.map(({ totals }) => totals[field]))
  return {
    ...{ hits: sum('hits'), misses: sum('misses'), bypasses: sum('bypasses'), stale: sum('stale') },
    ...{ errors: sum('errors'), fills: sum('fills'), refusedFills: sum('refusedFills') },
    ...{
      evictions: sum('evictions'),
      evicted: sum('evicted'),
      forgotten: sum('forgotten'),
      savedMs: sum('savedMs'),
    },
  }
}

/** The rules of all processes, those with the most requests first. */
export function ruleTotals(reports: readonly ProcessReport[]): RuleTotals[] {
  const rules = reports.flatMap((report) => report.rules)
  return [...groupBy(rules, ({ name, where, key }) => JSON.stringify([name, where, key])).values()]
    .flatMap((same) => {
      const [first] = same
      return first ? [together(first, same)] : []
    })
    .sort((one, other) => requestsOf(other) - requestsOf(one) || (one.name < other.name ? -1 : 1))
}

export function requestsOf({ hits, misses, bypasses }: Pick<Totals, 'hits' | 'misses' | 'bypasses'>): number {
  return hits + misses + bypasses
}

function together(first: RuleReport, same: readonly RuleReport[]): RuleTotals {
  const sum = (field: 'hits' | 'misses' | 'bypasses' | 'storedBytes') =>
    sumOf(same.map((rule) => rule[field]))
  const { name, where, key, ttlMs } = first
  const reasons = groupBy(
    same.flatMap((rule) => rule.reasons),
    ({ kind, reason }) => `${kind} ${reason}`,
  )
  return {
    ...{ name, where, key, ttlMs, hits: sum('hits'), misses: sum('misses'), bypasses: sum('bypasses') },
    storedBytes: sum('storedBytes'),
    hitLatency: latencyReport(sumOfBuckets(same.map((rule) => rule.hitLatency.buckets))),
    loadLatency: latencyReport(sumOfBuckets(same.map((rule) => rule.loadLatency.buckets))),
    reasons: [...reasons.values()].flatMap((ofReason) => {
      const [one] = ofReason
      return one ? [{ ...one, count: sumOf(ofReason.map(({ count }) => count)) }] : []
    }),
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
