import type { AuditAccounts } from '../engine/audit-counts.js'
import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import type { LatencyReport } from '../engine/latencies.js'
import type { Accounts, CacheStatistics } from '../engine/statistics.js'

export type { LatencyReport } from '../engine/latencies.js'

/*
 * What processes say of themselves to whoever looks: the dashboard, the command line, other processes. All of it is plain JSON.
 */

/** Sums since the process began. */
export interface Totals extends Accounts {
  /** Of the hits. */
  readonly stale: number
  readonly errors: number
  readonly fills: number
  readonly refusedFills: number
  readonly evictions: number
  readonly evicted: number
  readonly forgotten: number
  /** What handlers would have taken for the answers that hits gave: hits of each rule times the mean time of its loads. */
  readonly savedMs: number
}

/** Ten seconds of the last hour. */
export interface HistoryPoint extends Pick<Totals, 'hits' | 'misses' | 'bypasses' | 'stale' | 'errors'> {
  /** When they ended, in milliseconds since 1970. */
  readonly at: number
  readonly hitP50Ms: number | null
  readonly hitP99Ms: number | null
  readonly loadP50Ms: number | null
  readonly loadP99Ms: number | null
}

/** Why requests went past the cache, or answers were not stored. */
export interface ReasonReport {
  readonly kind: 'bypass' | 'not-stored'
  readonly reason: string
  readonly count: number
  /** What to do about it, for people; `null` where nothing is wrong. */
  readonly mend: string | null
}

/** A rule for reading, and what it has done in one process. */
export interface RuleReport extends RuleLabel, Accounts {
  /** The route as people know it, `GET /customers/:id`, or the same as `where`. */
  readonly name: string
  readonly ttlMs: number
  /** How long its entries are kept beyond that. */
  readonly graceMs: number
  readonly loads: number
  readonly refusedFills: number
  readonly storedBytes: number
  readonly biggest: { readonly key: string; readonly bytes: number } | null
  readonly hitLatency: LatencyReport
  readonly loadLatency: LatencyReport
  /** How many evictions of this process removed something and could cover its keys, as far as their targets say. */
  readonly evictions: number
  /** Templates of what its entries carry, without those of tables. */
  readonly tags: readonly string[]
  /** Declared, or seen where queries are tracked. */
  readonly tables: readonly string[]
  readonly reasons: readonly ReasonReport[]
  /** What audits of its hits have come to; left out where none was to be. */
  readonly audits?: AuditAccounts
}

/** A rule for writing or an event's method. */
export interface WriteReport {
  readonly name: string
  readonly where: string
  /** Patterns it evicts, keys it puts. */
  readonly patterns: readonly string[]
  readonly tags: readonly string[]
  /** Declared, or seen where statements are tracked. */
  readonly tables: readonly string[]
  readonly writes: number
  readonly failed: number
  readonly removed: number
  /** An event's topic and type, where it is none of a route's. */
  readonly event: string | null
}

/** What one event was, with a number by which events of a process are told apart. */
export interface EventRecord {
  readonly nth: number
  readonly at: number
  readonly type: CacheEvent['type']
  /** The rule's name, or who evicted. */
  readonly who: string | null
  readonly key: string | null
  /** One line for people. */
  readonly text: string
  readonly targets?: readonly string[]
  readonly removed?: number
  readonly ms?: number
}

export interface ProcessReport {
  /** Unlike that of any other cache, in this process or another. */
  readonly id: string
  /** What people know the process by: the option `name`, or its script. */
  readonly name: string
  readonly pid: number
  readonly host: string
  readonly node: string
  readonly version: string
  readonly startedAt: number
  readonly at: number
  readonly store: CacheStatistics['store']
  readonly totals: Totals
  readonly rules: readonly RuleReport[]
  readonly writes: readonly WriteReport[]
  readonly history: readonly HistoryPoint[]
  /** The newest last: those that were not in the report before, at most 200. */
  readonly events: readonly EventRecord[]
}

/** The Redis server as it says itself; what it does not say is `null`. */
export interface RedisReport {
  readonly version: string | null
  readonly usedMemoryBytes: number | null
  /** 0: without a limit. */
  readonly maxMemoryBytes: number | null
  readonly maxMemoryPolicy: string | null
  readonly connections: number | null
  readonly roundTripMs: number
}

/** One check on the way to a decision. */
export interface ExplainedStep {
  readonly check: string
  /** `unknown`: only the request itself can tell, as with an option that is a function and wants more than a URL. */
  readonly outcome: 'passes' | 'stops' | 'unknown'
  readonly detail: string
  readonly mend?: string
}

export interface ExplainQuestion {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Who is signed in, as the application would set `req.user`. */
  readonly user?: unknown
}

/** What the cache would do with a request, rule by rule. */
export interface Explanation {
  /** The process that knows the route. */
  readonly process: string
  readonly rule: string
  readonly route: string | null
  readonly template: string
  readonly key: string | null
  readonly steps: readonly ExplainedStep[]
  /** What lies under the key. */
  readonly entry: EntryReport | null
  /** `UNKNOWN`: only the request itself can tell; `NONE`: the cache says nothing of it, as of a write. */
  readonly next: {
    readonly xCache: 'HIT' | 'MISS' | 'BYPASS' | 'STALE' | 'UNKNOWN' | 'NONE'
    readonly because: string
  }
}

/** An entry without its value. */
export interface EntryReport {
  readonly key: string
  readonly bytes: number
  /** Until it is gone, its grace included. */
  readonly remainingMs: number
  /** `null` where nobody knows: no rule of a process in touch stores this key. */
  readonly ageMs: number | null
  /** Past its TTL, inside its grace. */
  readonly isStale: boolean
  readonly tags: readonly string[]
}
