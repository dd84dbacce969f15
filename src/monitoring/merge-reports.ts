import { sumOfAudits } from '../engine/audit-counts.js'
import { type LatencyReport, latencyReport, sumOfBuckets } from '../engine/latencies.js'
import { groupBy } from '../tools/group-by.js'
import { POINT_MS } from './history.js'
import type {
  EventRecord,
  HistoryPoint,
  ProcessReport,
  ReasonReport,
  RuleReport,
  Totals,
  WriteReport,
} from './reports.js'

/** A rule of all processes that have it. */
export interface MergedRule extends RuleReport {
  readonly processes: readonly string[]
}

/** Sums of all processes. */
export function mergeTotals(reports: readonly ProcessReport[]): Totals {
  return sumOf(
    reports.map(({ totals }) => totals),
    TOTALS,
  )
}

const TOTALS = [
  ...(['hits', 'misses', 'bypasses', 'stale', 'errors', 'fills', 'refusedFills'] as const),
  ...(['evictions', 'evicted', 'forgotten', 'savedMs'] as const),
]

/**
 * How many a second since an earlier look. A process that was not there then is left out, as what it has done may have taken
 * hours.
 */
export function ratesBetween<Name extends keyof Totals>(
  before: readonly ProcessReport[],
  now: readonly ProcessReport[],
  names: readonly Name[],
): Pick<Totals, Name> {
  const earlier = new Map(before.map((report) => [report.id, report]))
  const rates = now.flatMap((report) => {
    const known = earlier.get(report.id)
    const seconds = known ? (report.at - known.at) / 1_000 : 0
    if (!known || seconds <= 0) return []
    return [mapped(names, (name) => (report.totals[name] - known.totals[name]) / seconds)]
  })
  return mapped(names, (name) => rates.reduce((sum, rate) => sum + rate[name], 0))
}

/** The store as the process sees it that has most trouble with it; what is owed, of all. */
export function mergeStores(reports: readonly ProcessReport[]): ProcessReport['store'] {
  const stores = reports.map(({ store }) => store)
  const circuits = new Set(stores.map(({ circuit }) => circuit))
  return {
    kind: stores.some(({ kind }) => kind === 'redis') ? 'redis' : 'memory',
    available: stores.every(({ available }) => available),
    circuit: (['open', 'half-open'] as const).find((state) => circuits.has(state)) ?? 'closed',
    owedEvictions: stores.reduce((sum, { owedEvictions }) => sum + owedEvictions, 0),
  }
}

export function mergeLatencies(latencies: readonly LatencyReport[]): LatencyReport {
  return latencyReport(sumOfBuckets(latencies.map(({ buckets }) => buckets)))
}

/** Each rule once. Replicas have the same; two services may not, whose keys differ by more than their prefix. */
export function mergeRules(reports: readonly ProcessReport[]): readonly MergedRule[] {
  const rules = reports.flatMap((report) => report.rules.map((rule) => ({ rule, process: report.name })))
  const groups = groupBy(rules, ({ rule }) => `${rule.where} ${rule.key}`)
  return [...groups.values()].map((group) => {
    const all = group.map(({ rule }) => rule)
    // Where the application of one process is known, its route is.
    const named = all.find(({ name, where }) => name !== where) ?? (all[0] as RuleReport)
    const biggest = all.flatMap((rule) => rule.biggest ?? []).sort((one, other) => other.bytes - one.bytes)
    return {
      ...named,
      ...sumOf(all, COUNTS),
      biggest: biggest[0] ?? null,
      hitLatency: mergeLatencies(all.map(({ hitLatency }) => hitLatency)),
      loadLatency: mergeLatencies(all.map(({ loadLatency }) => loadLatency)),
      reasons: mergeReasons(all.flatMap(({ reasons }) => reasons)),
      tags: union(all, 'tags'),
      tables: union(all, 'tables'),
      ...mergeAudits(all),
      processes: [...new Set(group.map(({ process }) => process))],
    }
  })
}

function mergeAudits(rules: readonly RuleReport[]): Pick<RuleReport, 'audits'> {
  const audited = rules.flatMap(({ audits }) => audits ?? [])
  return audited.length === 0 ? {} : { audits: sumOfAudits(audited) }
}

const COUNTS = [
  ...(['hits', 'misses', 'bypasses', 'loads', 'refusedFills', 'storedBytes', 'evictions'] as const),
]

export function mergeWrites(reports: readonly ProcessReport[]): readonly WriteReport[] {
  const groups = groupBy(
    reports.flatMap(({ writes }) => writes),
    ({ name }) => name,
  )
  return [...groups.values()].map((all) => ({
    ...(all[0] as WriteReport),
    ...sumOf(all, ['writes', 'failed', 'removed']),
    patterns: union(all, 'patterns'),
    tags: union(all, 'tags'),
    tables: union(all, 'tables'),
    event: all.find(({ event }) => event !== null)?.event ?? null,
  }))
}

/**
 * The last hour of all together. Processes end their points at times of their own, so those of the same ten seconds are one.
 * A median of all cannot be told from those of each: it is their mean by requests; and the 99th percentile is the worst.
 */
export function mergeHistories(reports: readonly ProcessReport[]): readonly HistoryPoint[] {
  const points = reports.flatMap(({ history }) => history)
  const groups = groupBy(points, ({ at }) => Math.ceil(at / POINT_MS) * POINT_MS)
  return [...groups]
    .sort(([one], [other]) => one - other)
    .map(([at, all]) => ({
      at,
      ...sumOf(all, ['hits', 'misses', 'bypasses', 'stale', 'errors']),
      hitP50Ms: meanOf(all, 'hitP50Ms', 'hits'),
      hitP99Ms: worstOf(all, 'hitP99Ms'),
      loadP50Ms: meanOf(all, 'loadP50Ms', 'misses'),
      loadP99Ms: worstOf(all, 'loadP99Ms'),
    }))
}

/** An event of one of several processes. */
export interface ProcessEvent extends EventRecord {
  readonly process: string
  readonly processId: string
}

/** The events of all, the newest last. */
export function mergeEvents(
  reports: readonly Pick<ProcessReport, 'id' | 'name' | 'events'>[],
): readonly ProcessEvent[] {
  return reports
    .flatMap(({ id, name, events }) => events.map((event) => ({ ...event, process: name, processId: id })))
    .sort((one, other) => one.at - other.at || one.nth - other.nth)
}

function mergeReasons(reasons: readonly ReasonReport[]): readonly ReasonReport[] {
  const groups = groupBy(reasons, ({ kind, reason }) => `${kind} ${reason}`)
  return [...groups.values()]
    .map((all) => ({ ...(all[0] as ReasonReport), ...sumOf(all, ['count']) }))
    .sort((one, other) => other.count - one.count)
}

function sumOf<Name extends string>(
  all: readonly Readonly<Record<Name, number>>[],
  names: readonly Name[],
): Record<Name, number> {
  return mapped(names, (name) => all.reduce((sum, one) => sum + one[name], 0))
}

function union<Name extends string>(
  all: readonly Readonly<Record<Name, readonly string[]>>[],
  name: Name,
): readonly string[] {
  return [...new Set(all.flatMap((one) => one[name]))]
}

function mapped<Name extends string>(
  names: readonly Name[],
  of: (name: Name) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, number>
}

function meanOf<Name extends 'hitP50Ms' | 'loadP50Ms'>(
  points: readonly HistoryPoint[],
  name: Name,
  weight: 'hits' | 'misses',
): number | null {
  const known = points.flatMap((point) => {
    const ms = point[name]
    return ms === null ? [] : [{ ms, weight: Math.max(1, point[weight]) }]
  })
  const total = known.reduce((sum, one) => sum + one.weight, 0)
  if (total === 0) return null
  return Number((known.reduce((sum, one) => sum + one.ms * one.weight, 0) / total).toPrecision(3))
}

function worstOf(points: readonly HistoryPoint[], name: 'hitP99Ms' | 'loadP99Ms'): number | null {
  const known = points.flatMap((point) => point[name] ?? [])
  return known.length === 0 ? null : Math.max(...known)
}
