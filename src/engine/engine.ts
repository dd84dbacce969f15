import type { Heartbeat, KeyLimit, Selector, Store, StoredValue } from '../stores/store.js'
import type { CacheEvent } from './cache-event.js'
import { Circuit, type CircuitState, SILENCES } from './circuit.js'
import { EvictionJournal } from './eviction-journal.js'
import { type Load, type LoadOutcome, LoadTable } from './load.js'
import { selectorText } from './selector-text.js'

/**
 * What a reader is to do.
 *
 * - `hit`, `stale`: serve the value.
 * - `loaded`: serve the value that another request of this process has just loaded.
 * - `load`: run the handler and end the load. `stale` may stand in if the handler fails.
 * - `alone`: run the handler; nothing is stored and nobody waits. `reason` says why.
 */
export type Reading =
  | ({ readonly kind: 'hit' | 'stale' } & StoredValue)
  | { readonly kind: 'loaded'; readonly value: Buffer }
  | { readonly kind: 'load'; readonly load: Load; readonly stale: StoredValue | null }
  | { readonly kind: 'pass-through'; readonly reason: string }

export interface ReadOptions {
  /** A value with no more than this left to live is past its TTL. */
  readonly graceMs: number
  /** For how long of the grace a stale value is served while somebody reloads. */
  readonly staleWhileRevalidateMs: number
  /** How many keys of its kind the store may hold; without one, any number. */
  readonly keyLimit?: KeyLimit | undefined
}

/** Beyond it, leases end by themselves. */
const MAX_UNRELEASED = 1_000
const HEARTBEAT_EVERY_MS = 1_000
/** Word of a lease's end can get lost with a connection, and a leader that died sends none. */
const LOOK_AGAIN_MS = 1_000
/** So that a long list gets shorter with each delivery, even if the store is too slow for the whole of it. */
const DELIVERED_AT_ONCE = 1_000

/**
 * Cache-aside with leases over any store: looks up, lets one load per key run, keeps evictions until they are
 * acknowledged. Knows keys and bytes, no HTTP. Trouble with the store never rejects; it shows in the result.
 */
export class Engine {
  readonly #store: Store
  readonly #leaseMs: number
  readonly #emit: (event: CacheEvent) => void
  readonly #loads = new LoadTable()
  readonly #journal = new EvictionJournal()
  /** Keys by leases whose end the store may not know of. */
  readonly #unreleased = new Map<string, string>()
  readonly #circuit: Circuit
  readonly #heartbeatTimer: NodeJS.Timeout
  #delivery: Promise<void> | null = null
  #joining: Promise<unknown> | null = null
  #hasJoined = false
  /** Since when the store answers again, by its own clock; null while it does not, and once all is well again. */
  #backSince: number | null = null
  #isDown = false
  #isClosed = false
  /** Who waits until nothing is owed. */
  readonly #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  constructor(store: Store, leaseMs: number, emit: (event: CacheEvent) => void) {
    this.#store = store
    this.#leaseMs = leaseMs
    this.#emit = emit
    this.#circuit = new Circuit({
      probe: () => this.#comeBack(),
      onChange: (state) => this.#emit({ type: 'circuit', state }),
    })
    this.#heartbeatTimer = setInterval(() => void this.#heartbeat(), HEARTBEAT_EVERY_MS)
    this.#heartbeatTimer.unref()
  }

  /** Whether the store is asked at the moment. */
  get circuit(): CircuitState {
    return this.#circuit.state
  }

  /** How many evictions the store has not acknowledged. */
  get pendingEvictions(): number {
    return this.#journal.size
  }

  /** A value that this process may serve without asking anyone. `null`: `read` has to ask. */
  hit(key: string, graceMs: number): StoredValue | null {
    return this.#mayServe ? this.#store.hit(key, graceMs) : null
  }

  async read(key: string, { graceMs, staleWhileRevalidateMs, keyLimit }: ReadOptions): Promise<Reading> {
    // Time for a leader that dies, whose lease ends by itself, and for the next one's load.
    const waitUntil = performance.now() + 2 * this.#leaseMs
    for (;;) {
      const found = await this.#ask(() =>
        this.#store.lookup(key, { leaseMs: this.#leaseMs, graceMs, keyLimit }),
      )
      if (!found) return { kind: 'pass-through', reason: 'store unavailable' }
      if (found.kind === 'hit') return found
      if (found.kind === 'full') return { kind: 'pass-through', reason: 'rule is full' }
      if (found.kind === 'lease') {
        return { kind: 'load', load: this.#begin(key, found.lease), stale: found.stale }
      }
      const { stale } = found
      if (stale && stale.remainingMs > graceMs - staleWhileRevalidateMs) return { ...stale, kind: 'stale' }
      const leftMs = waitUntil - performance.now()
      if (leftMs <= 0) return { kind: 'pass-through', reason: 'waited too long' }
      const outcome = await this.#outcomeOf(key, found.lease, leftMs)
      if (outcome.kind === 'value') return { kind: 'loaded', value: outcome.value }
      if (outcome.kind === 'unshareable') return { kind: 'pass-through', reason: 'answer not shareable' }
    }
  }

  /** The right to load a key anew although a fresh value is there; `null` if somebody has it, or there is no value. */
  async reload(key: string): Promise<Load | null> {
    const graceMs = Number.MAX_SAFE_INTEGER
    const found = await this.#ask(() => this.#store.lookup(key, { leaseMs: this.#leaseMs, graceMs }))
    if (found?.kind !== 'lease') return null
    const load = this.#begin(key, found.lease)
    if (found.stale) return load
    load.cancel()
    return null
  }

  /** How somebody else's load ended. One in another process gives no value here: it has to be looked up. */
  async #outcomeOf(key: string, lease: string, leftMs: number): Promise<LoadOutcome> {
    const running = this.#loads.find(lease)
    if (running) return within(running, Math.min(this.#leaseMs, leftMs))
    const end = await this.#store.waitForLease(key, lease, Math.min(LOOK_AGAIN_MS, leftMs))
    return { kind: end === 'unshareable' ? 'unshareable' : 'abandoned' }
  }

  /** A value, if there is a fresh one, without a right or a duty to load it. */
  async peek(key: string, graceMs = 0): Promise<StoredValue | null> {
    const found = await this.#ask(() => this.#store.get(key))
    return found && found.remainingMs > graceMs ? found : null
  }

  /** The same of several keys, asked for at once: they share a round trip. */
  peekAll(keys: readonly string[]): Promise<(StoredValue | null)[]> {
    return Promise.all(keys.map((key) => this.peek(key)))
  }

  /** Removes, and keeps what the store does not acknowledge. @returns How many values were removed. */
  async evict(selectors: readonly Selector[]): Promise<number> {
    const startedAt = performance.now()
    const targets = selectors.map(selectorText)
    try {
      const removed = await this.#circuit.run(() => this.#store.evict(selectors))
      this.#up()
      this.#emit({ type: 'evict', targets, removed, ms: performance.now() - startedAt })
      return removed
    } catch (error) {
      this.#keep(selectors)
      this.#down(error)
      return 0
    }
  }

  /**
   * Resolves once nothing is owed: all that was evicted before is gone from the store.
   *
   * @throws Error if the engine is closed before that.
   */
  settled(): Promise<void> {
    if (this.#journal.isEmpty) return Promise.resolve()
    if (this.#isClosed) return Promise.reject(owedForEver())
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** Stores a value that is newer than what is there. @returns Whether it was stored. */
  async set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const stored = await this.#ask(() => this.#store.set(key, value, ttlMs).then(() => true))
    // The caller knows a newer value, so the one that may be in the store must not be served again.
    if (!stored) this.#keep([{ kind: 'key', key }])
    return stored ?? false
  }

  /** A token for `put`, or `null` when the store is not available. */
  fence(group: string): Promise<string | null> {
    return this.#ask(() => this.#store.fence(group))
  }

  /** Makes a write's answer the entry, or evicts the key if that answer may be old already. */
  async put(key: string, fence: string | null, value: Buffer, ttlMs: number): Promise<void> {
    const outcome = fence && (await this.#ask(() => this.#store.put(key, fence, value, ttlMs, 'replace')))
    this.#emit({ type: 'put', key, stored: outcome === 'stored' })
    if (!outcome) await this.evict([{ kind: 'key', key }])
  }

  /** Stores a value read behind a fence where none is. `null`: the store is not available. */
  putIfAbsent(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
  ): Promise<'stored' | 'present' | 'refused' | null> {
    return this.#ask(() => this.#store.put(key, fence, value, ttlMs, 'if-absent'))
  }

  /** Hears of trouble that no request has met yet, such as a connection that cannot be opened. */
  reportTrouble(error: unknown): void {
    this.#down(error)
  }

  /** Not while an eviction is owed, nor before the others know of this process, nor out of touch with them. */
  get #mayServe(): boolean {
    return this.#hasJoined && this.circuit === 'closed' && this.#journal.isEmpty
  }

  #begin(key: string, lease: string): Load {
    const settle = this.#loads.open(lease)
    let isOpen = true
    const endWithoutValue = (kind: 'unshareable' | 'abandoned'): void => {
      if (!isOpen) return
      isOpen = false
      // Told once the lease has been given back: who looks up before that would find this load again.
      void this.#ask(() => this.#store.release(key, lease, kind === 'unshareable').then(() => true)).then(
        (isReleased) => {
          this.#end(key, lease, isReleased === true)
          settle({ kind: isReleased ? kind : 'unshareable' })
        },
      )
    }
    return {
      complete: async (value, ttlMs) => {
        if (!isOpen) return 'refused'
        isOpen = false
        settle({ kind: 'value', value })
        const stored = await this.#ask(() => this.#store.fill(key, lease, value, ttlMs))
        this.#end(key, lease, stored !== null)
        this.#emit({ type: stored ? 'fill' : 'fill-refused', key })
        return stored ? 'stored' : 'refused'
      },
      finishUnshareable: () => endWithoutValue('unshareable'),
      cancel: () => endWithoutValue('abandoned'),
    }
  }

  /** Delivers what is still owed, and says goodbye if nothing is; else the others will find that we are missing. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeatTimer)
    this.#circuit.end()
    if (this.#joining !== null) await this.#ask(() => this.#store.leave())
    this.#isClosed = true
    for (const { reject } of this.#waiting.splice(0)) reject(owedForEver())
  }

  /** Forgets a load, unless the store may not know of its end and goes on naming its lease, also to others. */
  #end(key: string, lease: string, isKnown: boolean): void {
    if (isKnown) {
      this.#loads.close(lease)
      return
    }
    this.#loads.linger(lease, this.#leaseMs)
    if (this.#unreleased.size < MAX_UNRELEASED) this.#unreleased.set(lease, key)
  }

  /** Gives back what could not be given back, so that no other process waits for it until it ends by itself. */
  #releaseAll(): void {
    for (const [lease, key] of this.#unreleased) {
      this.#unreleased.delete(lease)
      this.#circuit
        .run(() => this.#store.release(key, lease))
        .then(
          () => this.#loads.close(lease),
          () => this.#unreleased.set(lease, key),
        )
    }
  }

  /** Asks the store, after it has got what it is owed. `null`: it did not answer. */
  async #ask<T>(question: () => Promise<T>): Promise<T | null> {
    try {
      const answer = await this.#circuit.run(this.#mayServe ? question : () => this.#prepare().then(question))
      this.#up()
      return answer
    } catch (error) {
      this.#down(error)
      return null
    }
  }

  async #prepare(): Promise<void> {
    // What is kept while a delivery is under way is not part of it.
    while (!this.#journal.isEmpty) await this.#deliver()
    await this.#join()
  }

  /** Asks again at once where there is no answer, so that a process without requests notices an outage too. */
  async #heartbeat(): Promise<void> {
    for (let tries = 0; tries < SILENCES && this.circuit === 'closed'; tries += 1) {
      if (await this.#ask(() => this.#store.heartbeat(true))) {
        this.#releaseAll()
        return
      }
    }
  }

  /** The first thing said to the store: that this process was not there, if one that was has vanished. */
  #join(): Promise<unknown> {
    this.#joining ??= this.#store.heartbeat(false).then(
      () => {
        this.#hasJoined = true
      },
      (error: unknown) => {
        this.#joining = null
        throw error
      },
    )
    return this.#joining
  }

  /**
   * After a time without answers. Others may owe evictions from that time; so this process serves again only once
   * each of them has said since then that it has delivered its own, or has turned out to have vanished.
   */
  async #comeBack(): Promise<void> {
    const { now, oldest } = await this.#report().catch((error: unknown) => {
      this.#backSince = null
      throw error
    })
    this.#backSince ??= now
    if (oldest < this.#backSince) throw new Error('other processes have not checked in yet')
    this.#backSince = null
    this.#up()
  }

  async #report(): Promise<Heartbeat> {
    while (!this.#journal.isEmpty) await this.#deliver()
    return this.#store.heartbeat(false)
  }

  /** Delivers the oldest kept evictions, one delivery at a time for everyone who waits. */
  #deliver(): Promise<void> {
    this.#delivery ??= (async () => {
      const owed = this.#journal.list().slice(0, DELIVERED_AT_ONCE)
      await this.#store.evict(owed)
      this.#journal.settle(owed)
      if (this.#journal.isEmpty) for (const { resolve } of this.#waiting.splice(0)) resolve()
      this.#emit({ type: 'evict-delivered', targets: owed.map(selectorText) })
    })().finally(() => {
      this.#delivery = null
    })
    return this.#delivery
  }

  #keep(selectors: readonly Selector[]): void {
    this.#journal.keep(selectors)
    this.#emit({ type: 'evict-kept', targets: selectors.map(selectorText) })
  }

  #down(error: unknown): void {
    if (this.#isDown) return
    this.#isDown = true
    this.#emit({ type: 'store-down', error })
  }

  #up(): void {
    if (!this.#isDown) return
    this.#isDown = false
    this.#emit({ type: 'store-up' })
  }
}

function owedForEver(): Error {
  return new Error('the cache was closed before the store had acknowledged all evictions')
}

/** A leader that takes longer than its lease is given up on, so that nobody waits for it for ever. */
async function within(running: Promise<LoadOutcome>, ms: number): Promise<LoadOutcome> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<LoadOutcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'abandoned' }), ms)
    timer.unref()
  })
  try {
    return await Promise.race([running, timeout])
  } finally {
    clearTimeout(timer)
  }
}
