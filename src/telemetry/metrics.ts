/** What is measured of a cache. Prometheus and OpenTelemetry have the same metrics, under names of their own. */
export interface Metric {
  /** As OpenTelemetry writes it; for Prometheus `_` stands for each dot, and kind and unit come behind. */
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly unit?: 'seconds' | 'bytes'
  readonly help: string
  /** All have the cache's name too. */
  readonly labels: readonly string[]
}

/** Names in the manner of Micrometer's, whose cache metrics are `cache.gets`, `cache.puts` and `cache.evictions`. */
export const METRICS = {
  gets: {
    name: 'cache.gets',
    kind: 'counter',
    help: 'Requests and calls that met a rule for reading, by how they were answered',
    labels: ['rule', 'result'],
  },
  collapsedGets: {
    name: 'cache.collapsed_gets',
    kind: 'counter',
    help: 'Misses that were answered by the load of another request',
    labels: ['rule'],
  },
  bypasses: {
    name: 'cache.bypasses',
    kind: 'counter',
    help: 'Requests that went past the cache, by why',
    labels: ['rule', 'reason'],
  },
  reloads: {
    name: 'cache.reloads',
    kind: 'counter',
    help: 'Loads behind answers that had been given already',
    labels: ['rule'],
  },
  puts: {
    name: 'cache.puts',
    kind: 'counter',
    help: 'Answers that came to be stored: stored, or refused since they were evicted meanwhile or came late',
    labels: ['rule', 'result'],
  },
  notStored: {
    name: 'cache.not_stored',
    kind: 'counter',
    help: 'Answers that may not be stored, by why',
    labels: ['rule', 'reason'],
  },
  storedBytes: {
    name: 'cache.stored',
    kind: 'counter',
    unit: 'bytes',
    help: 'Bytes of the answers that were stored',
    labels: ['rule'],
  },
  evictions: {
    name: 'cache.evictions',
    kind: 'counter',
    help: 'Evictions that the store has acknowledged, by who evicts',
    labels: ['by'],
  },
  removedEntries: {
    name: 'cache.removed_entries',
    kind: 'counter',
    help: 'Entries that evictions have removed, by who evicts',
    labels: ['by'],
  },
  keptEvictions: {
    name: 'cache.kept_evictions',
    kind: 'counter',
    help: 'Keys, patterns and tags whose eviction the store did not acknowledge at once',
    labels: [],
  },
  missedIntents: {
    name: 'cache.missed_intents',
    kind: 'counter',
    help: 'Writes with crashSafe that went on without, as the store did not acknowledge it',
    labels: [],
  },
  barriers: {
    name: 'cache.barriers',
    kind: 'counter',
    help: 'Answers of writes that waited for a followed database, by whether it was passed in time',
    labels: ['database', 'result'],
  },
  failedWrites: {
    name: 'cache.failed_writes',
    kind: 'counter',
    help: 'Rules of writes that did nothing, since the write answered with an error',
    labels: ['rule'],
  },
  forgottenEvictions: {
    name: 'cache.forgotten_evictions',
    kind: 'counter',
    help: 'Entries that writes have left although they were made from what the writes have changed',
    labels: ['write', 'read'],
  },
  audits: {
    name: 'cache.audits',
    kind: 'counter',
    help: 'Hits that were to be asked again behind their answers, by what came of it',
    labels: ['rule', 'result'],
  },
  auditedStaleness: {
    name: 'cache.audited_staleness',
    kind: 'counter',
    unit: 'seconds',
    help: 'For how long entries are known to have been stale that audits have found to be so',
    labels: ['rule'],
  },
  errors: {
    name: 'cache.errors',
    kind: 'counter',
    help: 'Trouble, by its kind',
    labels: ['kind'],
  },
  getDuration: {
    name: 'cache.get.duration',
    kind: 'histogram',
    unit: 'seconds',
    help: 'How long an answer from the cache takes',
    labels: ['rule'],
  },
  loadDuration: {
    name: 'cache.load.duration',
    kind: 'histogram',
    unit: 'seconds',
    help: 'How long a handler takes to load an answer, reloads included',
    labels: ['rule'],
  },
  owedEvictions: {
    name: 'cache.owed_evictions',
    kind: 'gauge',
    help: 'Evictions that the store has not acknowledged yet; while there are any, this process serves no hit',
    labels: [],
  },
  circuitState: {
    name: 'cache.circuit_state',
    kind: 'gauge',
    help: 'Whether requests ask the store: 1 for the state it is in, 0 for the others',
    labels: ['state'],
  },
  storeAvailable: {
    name: 'cache.store_available',
    kind: 'gauge',
    help: 'Whether the store answered when it was last tried',
    labels: ['store'],
  },
} as const satisfies Record<string, Metric>

export type MetricId = keyof typeof METRICS

/** `cache_gets_total`, `cache_load_duration_seconds`. @param prefix - Put in front of each. */
export function prometheusName({ name, kind, unit }: Metric, prefix: string): string {
  const parts = [name.replaceAll('.', '_'), unit, kind === 'counter' ? 'total' : undefined]
  return prefix + parts.filter((part) => part !== undefined).join('_')
}

/** Upper bounds in seconds: of hits, which take microseconds in a process and less than a millisecond over Redis. */
export const GET_BOUNDS = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
]
/** Of loads, which take what databases take. */
export const LOAD_BOUNDS = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
