import * as v from 'valibot'
import type { CacheEvent } from '../engine/cache-event.js'
import type { ProcessReport } from './reports.js'

/*
 * What another process says may come from another version of this package, or be garbage of another program. The compiler
 * compares this with the types; what it does not name is kept.
 */

const NUMBER = v.number()
const TEXT = v.string()
const MAYBE_NUMBER = v.nullable(NUMBER)
const ACCOUNTS = { hits: NUMBER, misses: NUMBER, bypasses: NUMBER }

const LATENCIES = v.looseObject({
  count: NUMBER,
  p50Ms: MAYBE_NUMBER,
  p99Ms: MAYBE_NUMBER,
  buckets: v.array(NUMBER),
})

const TOTALS = v.looseObject({
  ...ACCOUNTS,
  ...{ stale: NUMBER, errors: NUMBER, fills: NUMBER, refusedFills: NUMBER },
  ...{ evictions: NUMBER, evicted: NUMBER, forgotten: NUMBER, savedMs: NUMBER },
})

const HISTORY_POINT = v.looseObject({
  ...ACCOUNTS,
  ...{ at: NUMBER, stale: NUMBER, errors: NUMBER },
  ...{ hitP50Ms: MAYBE_NUMBER, hitP99Ms: MAYBE_NUMBER, loadP50Ms: MAYBE_NUMBER, loadP99Ms: MAYBE_NUMBER },
})

const REASON = v.looseObject({
  kind: v.picklist(['bypass', 'not-stored']),
  ...{ reason: TEXT, count: NUMBER, mend: v.nullable(TEXT) },
})

const AUDITS = v.looseObject({
  ...{ lookedAt: NUMBER, agreed: NUMBER, settled: NUMBER, stale: NUMBER },
  ...{ unclear: NUMBER, skipped: NUMBER, longestStaleMs: NUMBER },
})

const RULE = v.looseObject({
  ...ACCOUNTS,
  ...{ where: TEXT, key: TEXT, name: TEXT, ttlMs: NUMBER, graceMs: NUMBER },
  ...{ loads: NUMBER, refusedFills: NUMBER, storedBytes: NUMBER, evictions: NUMBER },
  biggest: v.nullable(v.looseObject({ key: TEXT, bytes: NUMBER })),
  hitLatency: LATENCIES,
  loadLatency: LATENCIES,
  ...{ reasons: v.array(REASON), tags: v.array(TEXT), tables: v.array(TEXT) },
  audits: v.exactOptional(AUDITS),
})

const WRITE = v.looseObject({
  ...{ name: TEXT, where: TEXT, patterns: v.array(TEXT) },
  ...{ tags: v.array(TEXT), tables: v.array(TEXT) },
  ...{ writes: NUMBER, failed: NUMBER, removed: NUMBER, event: v.nullable(TEXT) },
})

const EVENT = v.looseObject({
  ...{ nth: NUMBER, at: NUMBER, who: v.nullable(TEXT), key: v.nullable(TEXT), text: TEXT },
  type: v.custom<CacheEvent['type']>((type) => typeof type === 'string'),
  targets: v.exactOptional(v.array(TEXT)),
  removed: v.exactOptional(NUMBER),
  ms: v.exactOptional(NUMBER),
})

export const REPORT: v.GenericSchema<unknown, ProcessReport> = v.looseObject({
  ...{ id: TEXT, name: TEXT, pid: NUMBER, host: TEXT, node: TEXT, version: TEXT },
  ...{ startedAt: NUMBER, at: NUMBER },
  store: v.looseObject({
    kind: v.picklist(['memory', 'redis']),
    available: v.boolean(),
    circuit: v.picklist(['closed', 'open', 'half-open']),
    owedEvictions: NUMBER,
  }),
  totals: TOTALS,
  rules: v.array(RULE),
  writes: v.array(WRITE),
  history: v.array(HISTORY_POINT),
  events: v.array(EVENT),
})
