import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, extname, join } from 'node:path'
import type { RuleLabel } from '../engine/cache-event.js'
import { latencyReport } from '../engine/latencies.js'
import type { CacheStatistics, RuleAccount } from '../engine/statistics.js'
import type { CacheableRule, Rule } from '../rules/rule.js'
import { nameOf } from '../rules/rule-routes.js'
import { eventRecord, type NameRule } from './event-record.js'
import { mendOf } from './mends.js'
import type { Monitor } from './monitor.js'
import type { EventRecord, ProcessReport, RuleReport, Totals, WriteReport } from './reports.js'
import { factsOfRead, factsOfWrites, type WriteFacts } from './rule-facts.js'
import type { RuleRecord } from './rule-record.js'

const MOST_EVENTS = 200

/** What a report is made of. */
export interface ReportedParts {
  readonly monitor: Monitor
  readonly identity: ProcessIdentity
  status(): CacheStatistics['store']
}

export type ProcessIdentity = Pick<
  ProcessReport,
  'id' | 'name' | 'pid' | 'host' | 'node' | 'version' | 'startedAt'
>

/** Who a cache is among all that share a store. @param name - The option; without it the script's base name. */
export function processIdentity(name: string | undefined): ProcessIdentity {
  const script = process.argv[1] ?? ''
  return {
    id: randomUUID(),
    name: name ?? (basename(script, extname(script)) || 'node'),
    pid: process.pid,
    host: hostname(),
    node: process.version,
    version: ownVersion(),
    startedAt: Date.now(),
  }
}

/**
 * What one process says of itself.
 *
 * @param since - The number of the newest event that who asks has already.
 */
export function reportOf(parts: ReportedParts, since = 0): ProcessReport {
  const { monitor, identity } = parts
  const accounts = monitor.statistics.rules()
  const registered = monitor.rules()
  const nameRule = namesOf(registered)
  const rules = accounts.map((account) => ({
    ...ruleReport(account, monitor.record(account), registered, nameRule),
    ...auditsOf(monitor, account),
  }))
  return {
    ...identity,
    at: Date.now(),
    store: parts.status(),
    totals: totalsOf(monitor),
    rules,
    writes: factsOfWrites(registered).map((facts) => writeReport(facts, monitor)),
    history: monitor.history(),
    events: eventsOf(monitor, nameRule, since),
  }
}

/** What has happened in one process, the newest last. */
export function recordedEvents(monitor: Monitor): readonly EventRecord[] {
  const nameRule = namesOf(monitor.rules())
  return monitor.eventsSince(0).map((kept) => eventRecord(kept, nameRule))
}

function eventsOf(monitor: Monitor, nameRule: NameRule, since: number): readonly EventRecord[] {
  return monitor
    .eventsSince(since)
    .slice(-MOST_EVENTS)
    .map((kept) => eventRecord(kept, nameRule))
}

/** Rules stand on routes, whose names come to be known once the application has them. */
function namesOf(rules: readonly Rule[]): NameRule {
  const names = new Map(rules.map((rule) => [rule.where, nameOf(rule)]))
  return (label) => names.get(label.where) ?? nameOfCall(label)
}

/** Of `cache.wrap`, which has no rule. */
function nameOfCall({ where, key }: RuleLabel): string {
  return `${where} ${key}`
}

function ruleReport(
  account: RuleAccount,
  record: RuleRecord,
  registered: readonly Rule[],
  nameRule: NameRule,
): RuleReport {
  const { where, key, hits, misses, bypasses, hitLatencies, loadLatencies } = account
  const rule = registered.find(
    (one): one is CacheableRule => one.kind === 'cacheable' && one.where === where && one.key === key,
  )
  const declared = rule && factsOfRead(rule)
  const loadLatency = latencyReport(loadLatencies.buckets())
  return {
    ...{ where, key, name: nameRule(account), hits, misses, bypasses },
    ...{ ttlMs: rule?.ttlMs ?? record.lifetimeMs ?? 0, graceMs: rule?.graceMs ?? 0 },
    loads: loadLatency.count,
    refusedFills: record.refusedFills,
    storedBytes: record.storedBytes,
    biggest: record.biggest,
    hitLatency: latencyReport(hitLatencies.buckets()),
    loadLatency,
    evictions: record.evictions,
    reasons: record.reasons().map((reason) => ({ ...reason, mend: mendOf(reason.reason) ?? null })),
    tags: declared?.tags ?? [],
    tables: [...new Set([...(declared?.tables ?? []), ...record.tables])],
  }
}

function auditsOf({ statistics }: Monitor, account: RuleAccount): Pick<RuleReport, 'audits'> {
  const audits = statistics.auditsOf(account)
  return audits ? { audits } : {}
}

function writeReport(facts: WriteFacts, monitor: Monitor): WriteReport {
  const { name, where, patterns, tags, tables } = facts
  const { evictions, removed, tables: seen } = monitor.writer(new Set([name, where]))
  return {
    ...{ name, where, patterns, tags, tables: [...new Set([...tables, ...seen])] },
    // One write may do both, and tells of each.
    writes: Math.max(evictions, monitor.puts(where)),
    failed: monitor.failedWrites(where),
    removed,
    event: eventHeardBy(monitor, where),
  }
}

/** What a method hears, as people know it; `null` for what is no method of events. */
export function eventHeardBy(monitor: Monitor, where: string): string | null {
  return monitor.heardBy(where).join(', ') || null
}

function totalsOf(monitor: Monitor): Totals {
  const { statistics, errors, evictions } = monitor
  const saved = statistics.rules().reduce((sum, account) => sum + savedMs(account), 0)
  return { ...statistics.sums(), errors, evictions, savedMs: Math.round(saved) }
}

function savedMs({ hits, loadLatencies }: RuleAccount): number {
  const { count } = latencyReport(loadLatencies.buckets())
  return count === 0 ? 0 : hits * (loadLatencies.sumMs / count)
}

/** Of this package; a bundler may have taken the file away. */
function ownVersion(): string {
  try {
    const text = readFileSync(join(__dirname, '../../package.json'), 'utf8')
    return String((JSON.parse(text) as { version?: unknown }).version)
  } catch {
    return 'unknown'
  }
}
