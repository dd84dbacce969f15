import type { Heartbeat, LeaseEnd, Lookup, LookupOptions, Selector, Store, StoredValue } from '../store.js'
import { type Mark, ProcessTier, type ProcessTierOptions } from './process-tier.js'

/** A store that tells this process what any process evicts. */
export interface NotifyingStore extends Store {
  /** Whom to tell; one at a time. */
  tell(listener: InvalidationListener): void
}

export interface InvalidationListener {
  /** Everything evicted from now on will be told. */
  begin(): void
  evicted(selectors: readonly Selector[]): void
  /** Something may be evicted that is not told. */
  end(): void
}

/**
 * A remote store with copies of its values in this process.
 *
 * Every eviction is told to every process in the moment in which it happens, over the connection by which the values
 * come. Until the word has arrived, another process may serve the old value, for `maxAgeMs` at the very most. The
 * process that evicts has dropped its copies before the eviction is acknowledged. While no word can come, there are
 * no copies.
 */
export class TieredStore implements Store {
  readonly kind
  readonly #store: Store
  readonly #tier: ProcessTier
  /** Whether word of evictions comes. */
  #isTold = false

  constructor(store: NotifyingStore, options: ProcessTierOptions) {
    this.kind = store.kind
    this.#store = store
    this.#tier = new ProcessTier(options)
    store.tell({
      begin: () => {
        this.#tier.clear()
        this.#isTold = true
      },
      evicted: (selectors) => this.#tier.evict(selectors),
      end: () => {
        this.#isTold = false
        this.#tier.clear()
      },
    })
  }

  isAvailable(): boolean {
    return this.#store.isAvailable()
  }

  ready(): Promise<void> {
    return this.#store.ready()
  }

  hit(key: string, graceMs: number): StoredValue | null {
    return this.#tier.get(key, graceMs)
  }

  async lookup(key: string, options: LookupOptions): Promise<Lookup> {
    const mark = this.#tier.mark()
    const found = await this.#store.lookup(key, options)
    if (found.kind === 'hit') this.#keep(key, found, mark)
    return found
  }

  async get(key: string): Promise<StoredValue | null> {
    const mark = this.#tier.mark()
    const found = await this.#store.get(key)
    if (found) this.#keep(key, found, mark)
    return found
  }

  async fill(key: string, lease: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const mark = this.#tier.mark()
    const isStored = await this.#store.fill(key, lease, value, ttlMs)
    if (isStored) this.#keep(key, { value, remainingMs: ttlMs }, mark)
    return isStored
  }

  release(key: string, lease: string, isUnshareable?: boolean): Promise<void> {
    return this.#store.release(key, lease, isUnshareable)
  }

  waitForLease(key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#store.waitForLease(key, lease, timeoutMs)
  }

  set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    return this.#evicting([{ kind: 'key', key }], () => this.#store.set(key, value, ttlMs))
  }

  fence(group: string): Promise<string> {
    return this.#store.fence(group)
  }

  put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: 'replace' | 'if-absent',
  ): Promise<'stored' | 'present' | 'refused'> {
    const put = () => this.#store.put(key, fence, value, ttlMs, mode)
    return mode === 'if-absent' ? put() : this.#evicting([{ kind: 'key', key }], put)
  }

  evict(selectors: readonly Selector[]): Promise<number> {
    return this.#evicting(selectors, () => this.#store.evict(selectors))
  }

  heartbeat(wasInTouch: boolean): Promise<Heartbeat> {
    return this.#store.heartbeat(wasInTouch)
  }

  leave(): Promise<void> {
    return this.#store.leave()
  }

  async close(): Promise<void> {
    this.#isTold = false
    this.#tier.clear()
    await this.#store.close()
  }

  /** Before, since from now on the copies are old; and after, since until then an old value could be read. */
  async #evicting<T>(selectors: readonly Selector[], write: () => Promise<T>): Promise<T> {
    this.#tier.evict(selectors)
    try {
      return await write()
    } finally {
      this.#tier.evict(selectors)
    }
  }

  #keep(key: string, stored: StoredValue, mark: Mark): void {
    if (this.#isTold) this.#tier.put(key, stored, mark)
  }
}
