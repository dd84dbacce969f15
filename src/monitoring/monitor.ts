import { ByRule } from '../engine/by-rule.js'
import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import { sumOfBuckets } from '../engine/latencies.js'
import type { Statistics } from '../engine/statistics.js'
import type { Rule } from '../rules/rule.js'
import { realTime } from '../tools/real-time.js'
import { CoveredRules } from './covered-rules.js'
import { EventRing, type KeptEvent } from './event-ring.js'
import { History, POINT_MS } from './history.js'
import type { HistoryPoint } from './reports.js'
import { RuleRecord } from './rule-record.js'
import { WriteRecord } from './write-record.js'

const MOST_EVENTS = 1_000
/** There may be thousands of them in a second. */
const MOST_HITS = 200
/** Of an event that is kept; the events of one write may name hundreds. */
const MOST_NAMES = 50
const MOST_WRITES = 500

/** Why requests met a cache that could not help them. */
const TROUBLE: ReadonlySet<string> = new Set(['store unavailable', 'waited too long', 'unreadable entry'])

/** The topic and the type of an event that a method hears. */
export type HeardEvent = `${string} ${string}`

/**
 * Keeps what one cache has done in this process, for whoever looks: by rule and by write, over the last hour, and event by
 * event. It runs from the start, as a key's story begins before anyone asks for it, and costs a hit an addition.
 */
export class Monitor {
  readonly #statistics: Statistics
  readonly #rules: () => readonly Rule[]
  readonly #isWatched: () => boolean
  readonly #byRule = new ByRule((label) => new RuleRecord(label))
  readonly #byWriter = new Map<string, WriteRecord>()
  readonly #failed = new ByRule(({ where }) => ({ where, count: 0 }))
  readonly #puts = new Map<string, number>()
  readonly #heard = new Map<string, Set<HeardEvent>>()
  readonly #covered: CoveredRules
  readonly #history = new History()
  readonly #events = new EventRing(MOST_EVENTS)
  /** While somebody looks. */
  readonly #hits = new EventRing(MOST_HITS)
  readonly #timer: NodeJS.Timeout
  #nth = 0
  #errors = 0
  #evictions = 0

  /**
   * @param rules - All that are registered, as they are now.
   * @param isWatched - Whether somebody looks: hits are kept only then, as there may be thousands in a second.
   */
  constructor(statistics: Statistics, rules: () => readonly Rule[], isWatched: () => boolean = () => false) {
    this.#statistics = statistics
    this.#isWatched = isWatched
    this.#rules = rules
    this.#covered = new CoveredRules(rules, (rule) => this.#byRule.of(rule).tables)
    this.#timer = realTime.setInterval(() => this.#history.add(this.#sums(), Date.now()), POINT_MS)
    this.#timer.unref()
  }

  /** Tells the statistics too, so that a hit meets one listener and not two. */
  readonly listener = (event: CacheEvent): void => {
    this.#statistics.listener(event)
    if (event.type === 'hit' || event.type === 'stale') {
      if (this.#isWatched()) this.#hits.add(++this.#nth, Date.now(), event)
      return
    }
    // Of those that have found nothing there may be as many as hits.
    if (event.type === 'audit' && event.outcome !== 'stale') return
    this.#note(event)
    this.#events.add(++this.#nth, Date.now(), short(event))
  }

  #note(event: CacheEvent): void {
    switch (event.type) {
      case 'bypass':
        if (TROUBLE.has(event.reason)) this.#errors += 1
        this.#byRule.of(event.rule).addReason('bypass', event.reason)
        break
      case 'not-stored':
        this.#byRule.of(event.rule).addReason('not-stored', event.reason)
        break
      case 'fill':
        if (event.rule) this.#byRule.of(event.rule).addFill(event)
        break
      case 'fill-refused':
        if (event.rule) this.#byRule.of(event.rule).refusedFills += 1
        break
      case 'put':
        if (event.rule) addOne(this.#puts, event.rule.where)
        break
      case 'write-failed':
        this.#failed.of(event.rule).count += 1
        break
      case 'evict':
        this.#addEviction(event)
        break
      case 'discard':
      case 'option-failed':
      case 'evict-kept':
      case 'store-down':
        this.#errors += 1
        break
    }
  }

  /** Remembers what a method with rules hears. @param where - Class and method. */
  introduceEvent(where: string, heard: HeardEvent): void {
    const known = this.#heard.get(where) ?? new Set()
    this.#heard.set(where, known.add(heard))
  }

  rules(): readonly Rule[] {
    return this.#rules()
  }

  record(label: RuleLabel): RuleRecord {
    return this.#byRule.of(label)
  }

  /** What was removed under one of these names. */
  writer(names: ReadonlySet<string>): Pick<WriteRecord, 'evictions' | 'removed' | 'tables'> {
    const found = [...names].flatMap((name) => this.#byWriter.get(name) ?? [])
    return {
      evictions: found.reduce((sum, { evictions }) => sum + evictions, 0),
      removed: found.reduce((sum, { removed }) => sum + removed, 0),
      tables: new Set(found.flatMap(({ tables }) => [...tables])),
    }
  }

  puts(where: string): number {
    return this.#puts.get(where) ?? 0
  }

  /** A failed write tells of each of its rules. */
  failedWrites(where: string): number {
    const ofWrite = this.#failed.list().filter((failed) => failed.where === where)
    return Math.max(0, ...ofWrite.map(({ count }) => count))
  }

  /** The events that a method hears. */
  heardBy(where: string): readonly HeardEvent[] {
    return [...(this.#heard.get(where) ?? [])]
  }

  get errors(): number {
    return this.#errors
  }

  get evictions(): number {
    return this.#evictions
  }

  get statistics(): Statistics {
    return this.#statistics
  }

  history(): readonly HistoryPoint[] {
    return this.#history.list()
  }

  /** Events with a higher number, the newest last; hits among them from a time when somebody looked. */
  eventsSince(nth: number): readonly KeptEvent[] {
    const hits = this.#hits.since(nth)
    const others = this.#events.since(nth)
    return hits.length === 0 ? others : [...others, ...hits].sort((one, other) => one.nth - other.nth)
  }

  /** Drops events that name what is to be forgotten, and keys that do. */
  forget(isNamed: (text: string) => boolean): void {
    const isKept = (event: CacheEvent) => !namesOf(event).some(isNamed)
    this.#events.keep(isKept)
    this.#hits.keep(isKept)
    for (const record of this.#byRule.list()) record.forget(isNamed)
  }

  close(): void {
    realTime.clearInterval(this.#timer)
  }

  #addEviction(event: Extract<CacheEvent, { type: 'evict' }>): void {
    this.#evictions += 1
    const by = event.by ?? ''
    const known = this.#byWriter.get(by)
    const record = known ?? new WriteRecord()
    if (!known && this.#byWriter.size < MOST_WRITES) this.#byWriter.set(by, record)
    record.add(event)
    if (event.removed === 0) return
    for (const rule of this.#covered.of(event.targets)) this.#byRule.of(rule).evictions += 1
  }

  #sums() {
    const accounts = this.#statistics.rules()
    return {
      ...this.#statistics.sums(),
      errors: this.#errors,
      hitBuckets: sumOfBuckets(accounts.map(({ hitLatencies }) => hitLatencies.buckets())),
      loadBuckets: sumOfBuckets(accounts.map(({ loadLatencies }) => loadLatencies.buckets())),
    }
  }
}

function addOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function namesOf(event: CacheEvent): readonly string[] {
  return [
    ...('key' in event && event.key !== null ? [event.key] : []),
    ...('targets' in event ? event.targets : []),
    ...('tags' in event ? event.tags : []),
  ]
}

/** An event that a thousand of may be kept. */
function short(event: CacheEvent): CacheEvent {
  if ('targets' in event && event.targets.length > MOST_NAMES) {
    return { ...event, targets: event.targets.slice(0, MOST_NAMES) }
  }
  if ('tags' in event && event.tags.length > MOST_NAMES) {
    return { ...event, tags: event.tags.slice(0, MOST_NAMES) }
  }
  return event
}
