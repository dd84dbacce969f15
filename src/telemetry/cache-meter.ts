import type { CacheParts } from '../cache-parts.js'
import { ByRule } from '../engine/by-rule.js'
import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import { BoundedNames } from './bounded-names.js'
import type { MetricId } from './metrics.js'
import { count, RuleCounts, type Tally } from './rule-counts.js'
import { ruleName } from './rule-name.js'

/** Hears how long each answer and each load takes. */
export interface DurationSink {
  record(metric: 'getDuration' | 'loadDuration', rule: RuleLabel, seconds: number): void
}

/** A metric's value under some labels. */
export interface Sample {
  readonly metric: MetricId
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reasons are texts of the cache's own, some with a rule's placeholder or a header's name in them. */
const MOST_REASONS = 50
/** Of those who evict: routes, methods and calls. */
const MOST_NAMES = 1_000
const ERRORS = ['store_down', 'discarded', 'foreign_key', 'option_failed', 'warming_stopped'] as const
const AUDIT_RESULTS = ['agreed', 'settled', 'stale', 'unclear', 'skipped'] as const
const CIRCUITS = ['closed', 'half-open', 'open'] as const

/**
 * Counts what a cache does. An event costs it an addition; labels are made when somebody reads. Who it counts for is the
 * rule, the write or the reason, and never a key.
 */
export class CacheMeter {
  readonly #parts: Pick<CacheParts, 'registry' | 'status'>
  readonly #durations: DurationSink
  readonly #byRule = new ByRule((label) => new RuleCounts(label))
  readonly #reasons = new BoundedNames(MOST_REASONS)
  readonly #names = new BoundedNames(MOST_NAMES)
  readonly #evictions: Tally = new Map()
  readonly #removed: Tally = new Map()
  readonly #forgotten: Tally = new Map()
  readonly #barriers: Tally = new Map()
  readonly #errors: Tally = new Map(ERRORS.map((kind) => [kind, 0]))
  #keptEvictions = 0
  #missedIntents = 0

  constructor(parts: Pick<CacheParts, 'registry' | 'status'>, durations: DurationSink) {
    this.#parts = parts
    this.#durations = durations
  }

  readonly listener = (event: CacheEvent): void => {
    switch (event.type) {
      case 'hit':
        this.#byRule.of(event.rule).hits++
        this.#durations.record('getDuration', event.rule, event.ms / 1_000)
        break
      case 'stale':
        this.#byRule.of(event.rule).stale++
        this.#durations.record('getDuration', event.rule, event.ms / 1_000)
        break
      case 'miss':
        this.#miss(event)
        break
      case 'reload':
        this.#byRule.of(event.rule).reloads++
        this.#durations.record('loadDuration', event.rule, event.ms / 1_000)
        break
      case 'bypass':
        this.#byRule.of(event.rule).bypasses++
        count(this.#byRule.of(event.rule).bypassReasons, this.#reasons.of(event.reason))
        break
      default:
        this.#change(event)
    }
  };

  /** All that was counted, of each rule from its declaration on, so that a rate begins at zero. */
  *samples(): Generator<Sample> {
    for (const rule of this.#parts.registry.list()) if (rule.kind === 'cacheable') this.#byRule.of(rule)
    yield* this.#ruleSamples()
    for (const [by, value] of this.#evictions) yield { metric: 'evictions', labels: { by }, value }
    for (const [by, value] of this.#removed) yield { metric: 'removedEntries', labels: { by }, value }
    for (const [pair, value] of this.#forgotten) {
      const [write = '', read = ''] = JSON.parse(pair)
      yield { metric: 'forgottenEvictions', labels: { write, read }, value }
    }
    for (const [pair, value] of this.#barriers) {
      const [database = '', result = ''] = JSON.parse(pair)
      yield { metric: 'barriers', labels: { database, result }, value }
    }
    for (const [kind, value] of this.#errors) yield { metric: 'errors', labels: { kind }, value }
    yield { metric: 'keptEvictions', labels: {}, value: this.#keptEvictions }
    yield { metric: 'missedIntents', labels: {}, value: this.#missedIntents }
    const { circuit, owedEvictions, available, kind } = this.#parts.status()
    yield { metric: 'owedEvictions', labels: {}, value: owedEvictions }
    yield { metric: 'storeAvailable', labels: { store: kind }, value: Number(available) }
    for (const state of CIRCUITS) {
      yield { metric: 'circuitState', labels: { state }, value: Number(state === circuit) }
    }
  }

  *#ruleSamples(): Generator<Sample> {
    for (const counts of this.#byRule.list()) {
      const rule = ruleName(counts.rule)
      yield* readSamples(counts, rule)
      yield { metric: 'puts', labels: { rule, result: 'stored' }, value: counts.stored }
      yield { metric: 'puts', labels: { rule, result: 'refused' }, value: counts.refused }
      yield { metric: 'storedBytes', labels: { rule }, value: counts.storedBytes }
      yield { metric: 'failedWrites', labels: { rule }, value: counts.failedWrites }
      yield* auditSamples(counts, rule)
      for (const [reason, value] of counts.bypassReasons) {
        yield { metric: 'bypasses', labels: { rule, reason }, value }
      }
      for (const [reason, value] of counts.notStoredReasons) {
        yield { metric: 'notStored', labels: { rule, reason }, value }
      }
    }
  }

  #miss({ rule, ms, collapsed }: Extract<CacheEvent, { type: 'miss' }>): void {
    const counts = this.#byRule.of(rule)
    counts.misses++
    if (collapsed) counts.collapsed++
    else this.#durations.record('loadDuration', rule, ms / 1_000)
  }

  #change(event: CacheEvent): void {
    switch (event.type) {
      case 'fill':
      case 'put':
        if (event.rule) this.#stored(event.rule, event.type === 'fill' || event.stored, event.bytes)
        break
      case 'fill-refused':
        if (event.rule) this.#stored(event.rule, false, 0)
        break
      case 'not-stored':
        count(this.#byRule.of(event.rule).notStoredReasons, this.#reasons.of(event.reason))
        break
      case 'write-failed':
        this.#byRule.of(event.rule).failedWrites++
        break
      case 'evict': {
        const by = this.#names.of(event.by ?? 'unknown')
        count(this.#evictions, by)
        count(this.#removed, by, event.removed)
        break
      }
      case 'evict-kept':
        this.#keptEvictions += event.targets.length
        break
      case 'intent-missed':
        this.#missedIntents++
        break
      case 'barrier':
        count(this.#barriers, JSON.stringify([event.database, event.passed ? 'passed' : 'late']))
        break
      case 'forgotten':
        count(this.#forgotten, this.#names.of(JSON.stringify([event.write ?? '', event.read ?? ''])))
        break
      case 'audit': {
        const counts = this.#byRule.of(event.rule)
        count(counts.audits, event.outcome)
        counts.auditedStaleMs += event.staleForMs ?? 0
        break
      }
      default:
        this.#trouble(event)
    }
  }

  #trouble(event: CacheEvent): void {
    const kind = kindOfTrouble(event)
    if (kind) count(this.#errors, kind)
  }

  #stored(rule: RuleLabel, isStored: boolean, bytes: number): void {
    const counts = this.#byRule.of(rule)
    if (!isStored) {
      counts.refused++
      return
    }
    counts.stored++
    counts.storedBytes += bytes
  }
}

function* readSamples(counts: RuleCounts, rule: string): Generator<Sample> {
  const { hits, stale, misses, bypasses, collapsed, reloads } = counts
  if (hits + stale + misses + bypasses + reloads === 0 && !isForReading(counts.rule)) return
  for (const [result, value] of Object.entries({ hit: hits, stale, miss: misses, bypass: bypasses })) {
    yield { metric: 'gets', labels: { rule, result }, value }
  }
  yield { metric: 'collapsedGets', labels: { rule }, value: collapsed }
  yield { metric: 'reloads', labels: { rule }, value: reloads }
}

/** None where no hit was to be audited. */
function* auditSamples({ audits, auditedStaleMs }: RuleCounts, rule: string): Generator<Sample> {
  if (audits.size === 0) return
  for (const result of AUDIT_RESULTS) {
    yield { metric: 'audits', labels: { rule, result }, value: audits.get(result) ?? 0 }
  }
  yield { metric: 'auditedStaleness', labels: { rule }, value: auditedStaleMs / 1_000 }
}

function isForReading(rule: RuleLabel): boolean {
  return Reflect.get(rule, 'kind') === 'cacheable'
}

function kindOfTrouble({ type }: CacheEvent): (typeof ERRORS)[number] | undefined {
  switch (type) {
    case 'store-down':
      return 'store_down'
    case 'discard':
      return 'discarded'
    case 'foreign':
      return 'foreign_key'
    case 'option-failed':
      return 'option_failed'
    case 'warm-stopped':
      return 'warming_stopped'
    default:
      return undefined
  }
}
