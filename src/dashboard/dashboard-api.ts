import type { CacheStatistics } from '../engine/statistics.js'
import type { MergedRule, ProcessEvent } from '../monitoring/merge-reports.js'
import type {
  EntryReport,
  HistoryPoint,
  LatencyReport,
  ProcessReport,
  RedisReport,
  Totals,
} from '../monitoring/reports.js'
import type { RuleMap } from '../monitoring/rule-map.js'

/*
 * What the pages of the dashboard ask of it, relative to where it is mounted. All answers are JSON with
 * `Cache-Control: no-store`; errors are `{ error: { message, mend } }` with a status of 400 and up.
 *
 * | request | answer |
 * |---|---|
 * | `GET api/overview` | `Overview` |
 * | `GET api/rules` | `RulesAnswer` |
 * | `GET api/map` | `MapAnswer` |
 * | `GET api/keys?pattern&after&limit` | `KeysAnswer` |
 * | `GET api/key?key` | `KeyAnswer` |
 * | `GET api/events` | `readonly DashboardEvent[]`, the newest last |
 * | `POST api/explain` `ExplainQuestion` | `readonly Explanation[]` |
 * | `POST api/preview` `Removal` | `PreviewAnswer` |
 * | `POST api/evict` `Removal` | `{ removed: number }` |
 * | `GET api/live` | server-sent events: `overview` (`Overview`, each second), `events` (`readonly DashboardEvent[]`) |
 *
 * Each POST wants `Content-Type: application/json` and `X-Express-Cacheable: dashboard`, which no form of another site can send.
 */

export interface DashboardSettings {
  readonly keyPrefix: string
  readonly version: string
  /** Whether values are shown. */
  readonly values: boolean
  /** Whether entries can be removed. */
  readonly removal: boolean
}

/** A process without what others are summed up from. */
export type ProcessSummary = Pick<
  ProcessReport,
  'id' | 'name' | 'pid' | 'host' | 'node' | 'version' | 'startedAt' | 'at' | 'store' | 'totals'
>

/** Of all processes together. */
export interface Overview {
  readonly at: number
  readonly settings: DashboardSettings
  readonly processes: readonly ProcessSummary[]
  readonly totals: Totals
  /** Since the last overview, a second. */
  readonly rates: Pick<Totals, 'hits' | 'misses' | 'bypasses' | 'stale' | 'errors' | 'evictions'>
  readonly hitLatency: LatencyReport
  readonly loadLatency: LatencyReport
  readonly history: readonly HistoryPoint[]
  readonly store: CacheStatistics['store']
  readonly redis: RedisReport | null
  /** Keys that are held. */
  readonly keys: number
}

/** A rule of all processes that have it. */
export interface DashboardRule extends MergedRule {
  /** Keys that are held and begin as its own do; `null` where they begin with a placeholder. */
  readonly keysHeld: number | null
  readonly neverHit: boolean
  readonly neverEvicted: boolean
  /** Names of the writes whose patterns or tags can remove its entries. */
  readonly evictedBy: readonly string[]
}

export interface RulesAnswer {
  readonly at: number
  readonly rules: readonly DashboardRule[]
}

/** Reads to the right, writes to the left, tables in the middle. */
export type MapAnswer = RuleMap

export interface KeysAnswer {
  readonly entries: readonly EntryReport[]
  /** Where to go on; `null` at the end. */
  readonly next: string | null
}

export interface KeyAnswer {
  readonly entry: EntryReport | null
  /** The answer as it would be sent, if values are shown and it is text. */
  readonly value: string | null
  readonly valueHidden: boolean
  readonly story: readonly DashboardEvent[]
}

export type DashboardEvent = ProcessEvent

/** What to remove: a key with its variants, a pattern with `*` for whole segments, or a tag. */
export type Removal =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'tag'; readonly tag: string }

export interface PreviewAnswer {
  readonly count: number
  /** The first hundred. */
  readonly keys: readonly string[]
  /** Whether there are more than were counted. */
  readonly more: boolean
}
