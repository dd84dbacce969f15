import type { Selector, Store } from '../stores/store.js'
import { StoreRefusal } from '../stores/store-refusal.js'
import { type Deferred, deferred } from '../tools/deferred.js'
import type { CacheEvent } from './cache-event.js'
import { EvictionJournal } from './eviction-journal.js'
import { selectorText } from './selector-text.js'

/**
 * - `idle`: no delivery is under way. Evictions may be pending all the same, while the store cannot be reached.
 * - `delivering`: one is, and `done` tells its end to everyone who waits for it.
 * - `closed`: there will be none any more.
 */
type DeliveryState =
  | { readonly name: 'idle' | 'closed' }
  | { readonly name: 'delivering'; readonly done: Promise<void> }

const IDLE: DeliveryState = { name: 'idle' }
const CLOSED: DeliveryState = { name: 'closed' }

/** So that a long list gets shorter with each delivery, even if the store is too slow for the whole of it. */
const DELIVERED_AT_ONCE = 1_000
/** What the store refuses so often it can never do. */
const REFUSALS = 2

/**
 * Evictions that the store has not acknowledged. This process serves nothing before they are delivered, and tells no
 * other process meanwhile that it has nothing left to deliver.
 */
export class PendingEvictions {
  readonly #store: Pick<Store, 'evict'>
  readonly #emit: (event: CacheEvent) => void
  readonly #journal = new EvictionJournal()
  #state = IDLE
  /** In a row, for the sake of what was delivered. */
  #refusals = 0
  /** For all callers of `whenDelivered`; there while one of them waits. */
  #emptied: Deferred<void> | null = null

  constructor(store: Pick<Store, 'evict'>, emit: (event: CacheEvent) => void) {
    this.#store = store
    this.#emit = emit
  }

  get state(): DeliveryState['name'] {
    return this.#state.name
  }

  get isEmpty(): boolean {
    return this.#journal.isEmpty
  }

  get size(): number {
    return this.#journal.size
  }

  add(selectors: readonly Selector[]): void {
    this.#journal.add(selectors)
    this.#emit({ type: 'evict-kept', targets: selectors.map(selectorText) })
  }

  /** Delivers all, also what is added meanwhile. Rejects if the store does not acknowledge a delivery. */
  async deliver(): Promise<void> {
    while (!this.isEmpty) await this.#deliverOldest()
  }

  /**
   * Resolves once nothing is pending: the store has then removed all that was evicted before.
   *
   * @throws Error if this process closes its cache before that.
   */
  whenDelivered(): Promise<void> {
    if (this.isEmpty) return Promise.resolve()
    if (this.#state === CLOSED) return Promise.reject(closedTooEarly())
    this.#emptied ??= deferred()
    return this.#emptied.promise
  }

  /** Ends the deliveries. Whoever waits for one is told that it will not come. */
  close(): void {
    this.#state = CLOSED
    this.#emptied?.reject(closedTooEarly())
    this.#emptied = null
  }

  /** One delivery at a time, for everyone who waits. */
  #deliverOldest(): Promise<void> {
    if (this.#state.name === 'delivering') return this.#state.done
    if (this.#state === CLOSED) return Promise.reject(closedTooEarly())
    const delivering: DeliveryState = {
      name: 'delivering',
      done: this.#send(this.#journal.list().slice(0, DELIVERED_AT_ONCE)).finally(() => {
        if (this.#state === delivering) this.#state = IDLE
      }),
    }
    this.#state = delivering
    return delivering.done
  }

  async #send(selectors: readonly Selector[]): Promise<void> {
    try {
      await this.#store.evict(selectors)
    } catch (error) {
      if (error instanceof StoreRefusal && error.scope === 'command') this.#noteRefusal(selectors)
      throw error
    }
    this.#refusals = 0
    this.#journal.remove(selectors)
    if (this.isEmpty) {
      this.#emptied?.resolve()
      this.#emptied = null
    }
    this.#emit({ type: 'evict-delivered', targets: selectors.map(selectorText) })
  }

  /** Nothing is pending for ever: what the store can never do is widened to what it can. */
  #noteRefusal(selectors: readonly Selector[]): void {
    this.#refusals += 1
    if (this.#refusals < REFUSALS) return
    this.#refusals = 0
    this.#journal.widen(selectors)
  }
}

function closedTooEarly(): Error {
  return new Error('the cache was closed before the store had acknowledged all evictions')
}
