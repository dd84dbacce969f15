import type { BrowsedPage, BrowseRequest } from '#src/stores/browsing.js'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import type {
  Heartbeat,
  HeartbeatRequest,
  LeaseEnd,
  Lookup,
  LookupOptions,
  Selector,
  Store,
  StoredValue,
  StoreObserver,
  TaggedEntry,
} from '#src/stores/store.js'
import { type Gate, gate } from '../../support/gate.js'

/** What a test can hold back, and count. */
type Question =
  | 'lookup'
  | 'get'
  | 'fill'
  | 'release'
  | 'set'
  | 'fence'
  | 'put'
  | 'evict'
  | 'tagged'
  | 'browse'
  | 'count'
  | 'intend'
  | 'heartbeat'
  | 'leave'

/** One question that has been held back. */
export interface Held {
  /** Resolves once somebody has asked. */
  readonly asked: Promise<void>
  /** Lets the question reach the store, and the answer come back. */
  open(): void
  /** Answers as a store does that cannot be reached; it does not learn of the question. */
  fail(): void
}

/** The in-process store behind a connection that a test can cut, or where it can hold a question back. */
export class SteerableStore implements Store {
  readonly kind = 'redis'
  /** While it is set, every question fails with it. */
  trouble: Error | null = null
  readonly evictions: (readonly Selector[])[] = []
  readonly #counts = new Map<Question, number>()
  readonly #held = new Map<Question, { asked: Gate; answer: Gate; fails: boolean }[]>()
  readonly #store: MemoryStore

  constructor(now: () => number = () => 1_000) {
    this.#store = new MemoryStore({ now })
  }

  /** How often it was asked. */
  asked(question: Question): number {
    return this.#counts.get(question) ?? 0
  }

  /** Holds back the next such question; several calls, the several next ones. */
  hold(question: Question): Held {
    const entry = { asked: gate(), answer: gate(), fails: false }
    this.#held.set(question, [...(this.#held.get(question) ?? []), entry])
    return {
      asked: entry.asked.wait,
      open: entry.answer.open,
      fail() {
        entry.fails = true
        entry.answer.open()
      },
    }
  }

  name(own: string): Promise<string> {
    return this.#store.name(own)
  }

  isAvailable(): boolean {
    return this.trouble === null
  }

  async ready(): Promise<void> {}

  hit(): null {
    return null
  }

  lookup(key: string, options: LookupOptions): Promise<Lookup> {
    return this.#ask('lookup', async () => {
      return this.#isIntended(key) ? { kind: 'intended' } : this.#store.lookup(key, options)
    })
  }

  get(key: string): Promise<StoredValue | null> {
    return this.#ask('get', () => this.#store.get(key))
  }

  fill(...args: Parameters<MemoryStore['fill']>): ReturnType<Store['fill']> {
    return this.#ask('fill', () => this.#store.fill(...args))
  }

  release(...args: Parameters<Store['release']>): Promise<void> {
    return this.#ask('release', () => this.#store.release(...args))
  }

  waitForLease(...args: Parameters<Store['waitForLease']>): Promise<LeaseEnd> {
    return this.#store.waitForLease(...args)
  }

  set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    return this.#ask('set', () => this.#store.set(key, value, ttlMs))
  }

  fence(group: string, own?: string): Promise<string> {
    return this.#ask('fence', async () => {
      const isOthers = [...this.intents.keys()].some((token) => token !== own)
      return isOthers ? 'fallen' : this.#store.fence(group)
    })
  }

  put(...args: Parameters<Store['put']>): ReturnType<Store['put']> {
    return this.#ask('put', () => this.#store.put(...args))
  }

  evict(selectors: readonly Selector[], settled?: string): Promise<number> {
    this.evictions.push(selectors)
    return this.#ask('evict', () => {
      if (settled !== undefined) this.intents.delete(settled)
      return this.#store.evict(selectors)
    })
  }

  tagged(tags: readonly string[], limit: number): Promise<readonly TaggedEntry[]> {
    return this.#ask('tagged', () => this.#store.tagged(tags, limit))
  }

  browse(request: BrowseRequest): Promise<BrowsedPage> {
    return this.#ask('browse', () => this.#store.browse(request))
  }

  count(prefix: string): Promise<number> {
    return this.#ask('count', () => this.#store.count(prefix))
  }

  /** Those that stand, by their tokens. */
  readonly intents = new Map<string, readonly Selector[]>()

  intend(token: string, selectors: readonly Selector[]): Promise<number> {
    return this.#ask('intend', () => {
      this.intents.set(token, selectors)
      return this.#store.evict(selectors)
    })
  }

  /** What was sent without waiting for an answer. */
  readonly posted: (readonly Selector[])[] = []

  async post(selectors: readonly Selector[]): Promise<void> {
    this.posted.push(selectors)
  }

  alarms = 0

  async alarm(): Promise<void> {
    this.alarms += 1
  }

  /** Of other processes, which share the store, how many have not answered the roll call: there are none. */
  missing = 0
  /** Whether it knows who sends a heartbeat. */
  knows = true
  /** Whether somebody looks at the processes. */
  isWatched = false
  /** The newest roll call of all. */
  calls = 0
  readonly requests: HeartbeatRequest[] = []
  observer: StoreObserver | null = null

  observe(observer: StoreObserver): void {
    this.observer = observer
  }

  heartbeat(request: HeartbeatRequest): Promise<Heartbeat> {
    this.requests.push(request)
    return this.#ask('heartbeat', async () => {
      const { now } = await this.#store.heartbeat()
      const { rollCall } = request
      if (rollCall === 'none')
        return {
          now,
          newestCall: this.calls,
          rollCall: null,
          missing: 0,
          wasKnown: this.knows,
          isWatched: this.isWatched,
        }
      if (rollCall === 'begin') this.calls += 1
      const own = rollCall === 'begin' ? { number: this.calls, begunAt: now } : rollCall
      return {
        now,
        newestCall: this.calls,
        rollCall: own,
        missing: this.missing,
        wasKnown: this.knows,
        isWatched: this.isWatched,
      }
    })
  }

  leave(): Promise<void> {
    return this.#ask('leave', () => this.#store.leave())
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** What is there, past any trouble; `null` for none. */
  async stored(key: string): Promise<string | null> {
    return (await this.#store.get(key))?.value.toString() ?? null
  }

  /** Another process writes. */
  async storedElsewhere(key: string, value: string): Promise<void> {
    await this.#store.set(key, Buffer.from(value), 60_000)
  }

  /** Another process ends its load without a value. */
  async releasedElsewhere(key: string, lease: string, isUnshareable: boolean): Promise<void> {
    await this.#store.release(key, lease, isUnshareable)
  }

  /** Another process stores what it has loaded. */
  async filledElsewhere(key: string, lease: string, value: string): Promise<void> {
    await this.#store.fill(key, lease, Buffer.from(value), 60_000)
  }

  /** Another process asks for the lease of a key. */
  async leasedElsewhere(key: string): Promise<string> {
    const found = await this.#store.lookup(key, { leaseMs: 30_000, graceMs: 0 })
    if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
    return found.lease
  }

  /** By a key alone: what patterns cover, the stores' own tests see to. */
  #isIntended(key: string): boolean {
    return [...this.intents.values()]
      .flat()
      .some((selector) => selector.kind === 'key' && selector.key === key)
  }

  async #ask<T>(question: Question, answer: () => Promise<T>): Promise<T> {
    this.#counts.set(question, this.asked(question) + 1)
    const held = this.#held.get(question)?.shift()
    if (held) {
      held.asked.open()
      await held.answer.wait
    }
    if (held?.fails) throw new Error('no answer')
    if (this.trouble) throw this.trouble
    return answer()
  }
}
