import { ownCopy } from '../../tools/own-copy.js'
import type { BrowsedPage, BrowseRequest } from '../browsing.js'
import type { PackedRule } from '../dictionaries/rule-dictionary.js'
import type { Gathering } from '../gathering.js'
import type {
  Heartbeat,
  HeartbeatRequest,
  KeySelector,
  LeaseEnd,
  Lookup,
  LookupOptions,
  PutMode,
  PutOutcome,
  Selector,
  Store,
  StoredValue,
  StoreObserver,
  TaggedEntry,
} from '../store.js'
import { isKeySelector } from '../tag-selectors.js'
import { type Generation, ProcessTier, type ProcessTierOptions } from './process-tier.js'

/**
 * A store that notifies this process of what any process evicts. Of the keys that this process has evicted by their tags
 * it does so before the eviction has resolved.
 */
export interface NotifyingStore extends Store {
  /** Sets the one listener. */
  onInvalidation(listener: InvalidationListener): void

  /** Every store that several processes share, and that tells them of evictions, takes intents. */
  intend(token: string, selectors: readonly Selector[], lifetimeMs: number): Promise<number>
}

export interface InvalidationListener {
  /** The subscription stands: the listener gets every eviction from now on. */
  begin(): void
  evicted(selectors: readonly KeySelector[]): void
  /** The subscription is lost: evictions may pass the listener by. */
  end(): void
}

/**
 * A remote store with copies of its values in this process.
 *
 * The store notifies every process of every eviction in the moment in which it happens, over the connection by which
 * the values come. Until the invalidation message has arrived, another process may serve the old value, for `maxAgeMs`
 * at the very most. The process that evicts has dropped its copies before the eviction is acknowledged. While there is
 * no subscription, there are no copies.
 */
export class TieredStore implements Store {
  readonly kind
  readonly #store: NotifyingStore
  readonly #tier: ProcessTier
  #isSubscribed = false

  constructor(store: NotifyingStore, options: ProcessTierOptions) {
    this.kind = store.kind
    this.#store = store
    this.#tier = new ProcessTier(options)
    store.onInvalidation({
      begin: () => {
        this.#tier.clear()
        this.#isSubscribed = true
      },
      evicted: (selectors) => this.#tier.evict(selectors),
      end: () => this.#stopCopying(),
    })
  }

  get gathering(): Gathering | undefined {
    return this.#store.gathering
  }

  name(own: string): Promise<string> {
    return this.#store.name(own)
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
    const { generation } = this.#tier
    const found = await this.#store.lookup(key, options)
    if (found.kind === 'hit') this.#copyRead(key, found, generation)
    return found
  }

  async get(key: string): Promise<StoredValue | null> {
    const { generation } = this.#tier
    const found = await this.#store.get(key)
    if (found) this.#copyRead(key, found, generation)
    return found
  }

  async fill(
    key: string,
    lease: string,
    value: Buffer,
    ttlMs: number,
    tags?: readonly string[],
    packedRule?: PackedRule,
  ): Promise<boolean> {
    const { generation } = this.#tier
    const isStored = await this.#store.fill(key, lease, value, ttlMs, tags, packedRule)
    if (isStored) this.#copy(key, { value, remainingMs: ttlMs }, generation)
    return isStored
  }

  release(key: string, lease: string, isUnshareable?: boolean): Promise<void> {
    return this.#store.release(key, lease, isUnshareable)
  }

  waitForLease(key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#store.waitForLease(key, lease, timeoutMs)
  }

  set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    return this.#evicting([{ kind: 'key', key }], () => this.#store.set(key, value, ttlMs))
  }

  fence(group: string, own?: string): Promise<string> {
    return this.#store.fence(group, own)
  }

  put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: PutMode,
    tags?: readonly string[],
  ): Promise<PutOutcome> {
    const put = () => this.#store.put(key, fence, value, ttlMs, mode, tags)
    return mode === 'if-absent' ? put() : this.#evicting([{ kind: 'key', key }], put)
  }

  evict(selectors: readonly Selector[], settled?: string): Promise<number> {
    return this.#evicting(selectors.filter(isKeySelector), () => this.#store.evict(selectors, settled))
  }

  tagged(tags: readonly string[], limit: number): Promise<readonly TaggedEntry[]> {
    return this.#store.tagged(tags, limit)
  }

  browse(request: BrowseRequest): Promise<BrowsedPage> {
    return this.#store.browse(request)
  }

  count(prefix: string): Promise<number> {
    return this.#store.count(prefix)
  }

  intend(token: string, selectors: readonly Selector[], lifetimeMs: number): Promise<number> {
    return this.#evicting(selectors.filter(isKeySelector), () =>
      this.#store.intend(token, selectors, lifetimeMs),
    )
  }

  post(selectors: readonly Selector[]): Promise<void> {
    // Copies of what carries a tag are not served while its eviction is pending, and go when it is delivered.
    this.#tier.evict(selectors.filter(isKeySelector))
    return this.#store.post(selectors)
  }

  alarm(): Promise<void> {
    return this.#store.alarm()
  }

  async forgetLearned(isMeant: (text: string) => boolean): Promise<void> {
    await this.#store.forgetLearned?.(isMeant)
  }

  observe(observer: StoreObserver): void {
    this.#store.observe(observer)
  }

  heartbeat(request: HeartbeatRequest): Promise<Heartbeat> {
    return this.#store.heartbeat(request)
  }

  leave(): Promise<void> {
    return this.#store.leave()
  }

  async close(): Promise<void> {
    this.#stopCopying()
    await this.#store.close()
  }

  #stopCopying(): void {
    this.#isSubscribed = false
    this.#tier.clear()
  }

  /** Drops copies before the write, which makes them old, and after it, since a read may copy an old value meanwhile. */
  async #evicting<T>(selectors: readonly KeySelector[], write: () => Promise<T>): Promise<T> {
    this.#tier.evict(selectors)
    try {
      return await write()
    } finally {
      this.#tier.evict(selectors)
    }
  }

  #copy(key: string, stored: StoredValue, askedIn: Generation): void {
    if (this.#isSubscribed) this.#tier.put(key, stored, askedIn)
  }

  /** The client may use the memory again that it has read into. */
  #copyRead(key: string, { value, remainingMs }: StoredValue, askedIn: Generation): void {
    this.#copy(key, { value: ownCopy(value), remainingMs }, askedIn)
  }
}
