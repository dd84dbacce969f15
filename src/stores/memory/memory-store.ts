import { LRUCache } from 'lru-cache'
import { groupOfSelector } from '../group-of-selector.js'
import { LeaseWaiters } from '../lease-waiters.js'
import {
  groupOf,
  type Heartbeat,
  type KeyLimit,
  type LeaseEnd,
  type Lookup,
  type LookupOptions,
  type Selector,
  type Store,
  type StoredValue,
} from '../store.js'
import { ExpiringTokens } from './expiring-tokens.js'
import { KeyTrie } from './key-trie.js'
import { KeysByPrefix } from './keys-by-prefix.js'

export interface MemoryStoreOptions {
  /** How much keys and values may take; beyond it, what was used least recently goes. 64 MiB if left out. */
  readonly maxBytes?: number | undefined
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined
}

interface Entry {
  readonly value: Buffer
  readonly expiresAt: number
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024
/** What an entry takes beside its key and value: buffer, bookkeeping of the cache, place in the index. */
const ENTRY_BYTES = 640
const FENCE_MS = 3_600_000
/** How many keys a lookup looks at when it finds a cap reached. */
const TIDIED_AT_ONCE = 20

/**
 * Values, leases and fences within this process: the same promises as in Redis, to this process alone.
 *
 * Buffers are kept and given out as they are: who passes one in or gets one must not write to it.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #now: () => number
  readonly #values: LRUCache<string, Entry>
  readonly #leases = new ExpiringTokens<string>((key) => this.#unlistIfEmpty(key))
  /** By group; null: of all groups. */
  readonly #fences = new ExpiringTokens<string | null>()
  /** All keys that have a value or a lease. */
  readonly #index = new KeyTrie()
  /** The same keys, by the prefixes of the caps that lookups have named. */
  readonly #capped = new KeysByPrefix(() => this.#index.all())
  readonly #waiters = new LeaseWaiters()
  #tokens = 0

  constructor({ maxBytes = DEFAULT_MAX_BYTES, now = () => Date.now() }: MemoryStoreOptions = {}) {
    this.#now = now
    this.#values = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ value }, key) => ENTRY_BYTES + key.length + value.length,
      dispose: (_entry, key, reason) => {
        if (reason === 'evict' && !this.#leases.has(key)) this.#unlist(key)
      },
    })
  }

  isAvailable(): boolean {
    return true
  }

  async ready(): Promise<void> {}

  hit(key: string, graceMs: number): StoredValue | null {
    const stored = this.#read(key)
    return stored !== null && stored.remainingMs > graceMs ? stored : null
  }

  async lookup(key: string, { leaseMs, graceMs, keyLimit }: LookupOptions): Promise<Lookup> {
    const stored = this.#read(key)
    if (stored !== null && stored.remainingMs > graceMs) return { kind: 'hit', ...stored }
    const now = this.#now()
    const holder = this.#leases.get(key, now)
    if (holder !== undefined) return { kind: 'busy', lease: holder, stale: stored }
    if (keyLimit !== undefined && this.#isFull(key, keyLimit, now)) return { kind: 'full' }
    const lease = this.#newToken()
    this.#leases.set(key, lease, now + leaseMs, now)
    this.#list(key)
    return { kind: 'lease', lease, stale: stored }
  }

  async get(key: string): Promise<StoredValue | null> {
    return this.#read(key)
  }

  async fill(key: string, lease: string, value: Buffer, ttlMs: number): Promise<boolean> {
    if (this.#leases.get(key, this.#now()) !== lease) return false
    this.#leases.delete(key)
    const isStored = this.#store(key, value, ttlMs)
    this.#waiters.tell(lease, 'ended')
    return isStored
  }

  async release(key: string, lease: string, isUnshareable = false): Promise<void> {
    if (this.#leases.get(key, this.#now()) === lease) {
      this.#dropLease(key, isUnshareable ? 'unshareable' : 'ended')
    }
  }

  waitForLease(key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    if (this.#leases.get(key, this.#now()) !== lease) return Promise.resolve('ended')
    return this.#waiters.wait(lease, timeoutMs)
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    this.#overwrite(key, value, ttlMs)
  }

  async fence(group: string): Promise<string> {
    return `${this.#raiseFence(group)}.${this.#raiseFence(null)}`
  }

  async put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: 'replace' | 'if-absent',
  ): Promise<'stored' | 'present' | 'refused'> {
    const stands = this.#standingFence(groupOf(key)) === fence
    if (mode === 'replace') {
      if (stands) this.#overwrite(key, value, ttlMs)
      else await this.evict([{ kind: 'key', key }])
      return stands ? 'stored' : 'refused'
    }
    if (this.#read(key) !== null || this.#leases.get(key, this.#now()) !== undefined) return 'present'
    if (!stands) return 'refused'
    this.#store(key, value, ttlMs)
    return 'stored'
  }

  async evict(selectors: readonly Selector[]): Promise<number> {
    let removed = 0
    for (const selector of selectors) {
      this.#fences.delete(groupOfSelector(selector))
      for (const key of this.#index.covered(selector)) {
        if (this.#read(key) !== null) removed += 1
        this.#remove(key)
      }
    }
    return removed
  }

  /** Nobody else shares it, and nobody is ever out of touch. */
  async heartbeat(): Promise<Heartbeat> {
    const now = this.#now()
    return { now, oldest: now }
  }

  async leave(): Promise<void> {}

  async close(): Promise<void> {
    this.#values.clear()
    this.#leases.clear()
    this.#fences.clear()
    this.#waiters.tellAll()
  }

  /** Whether the cap leaves no place for the key. One that is held already takes none. */
  #isFull(key: string, { prefix, maxKeys }: KeyLimit, now: number): boolean {
    const isFull = () => this.#capped.count(prefix) >= maxKeys
    if (!isFull() || this.#capped.has(prefix, key)) return false
    for (const held of this.#capped.nextInTurn(prefix, TIDIED_AT_ONCE)) this.#unlistIfDead(held, now)
    return isFull()
  }

  #read(key: string): StoredValue | null {
    const entry = this.#values.get(key)
    if (entry === undefined) return null
    const remainingMs = entry.expiresAt - this.#now()
    if (remainingMs > 0) return { value: entry.value, remainingMs }
    this.#values.delete(key)
    this.#unlistIfEmpty(key)
    return null
  }

  /** Says whether there was room for it at all. */
  #store(key: string, value: Buffer, ttlMs: number): boolean {
    this.#list(key)
    this.#values.set(key, { value, expiresAt: this.#now() + ttlMs })
    this.#unlistIfEmpty(key)
    return this.#values.has(key)
  }

  #overwrite(key: string, value: Buffer, ttlMs: number): void {
    this.#fences.delete(groupOf(key))
    for (const held of this.#index.withVariants(key)) this.#remove(held)
    this.#store(key, value, ttlMs)
  }

  #remove(key: string): void {
    this.#values.delete(key)
    this.#dropLease(key)
  }

  #dropLease(key: string, end: 'ended' | 'unshareable' = 'ended'): void {
    const lease = this.#leases.get(key, this.#now())
    this.#leases.delete(key)
    this.#unlistIfEmpty(key)
    if (lease !== undefined) this.#waiters.tell(lease, end)
  }

  #unlistIfEmpty(key: string): void {
    if (!this.#values.has(key) && !this.#leases.has(key)) this.#unlist(key)
  }

  /** Looks without counting as a use. */
  #unlistIfDead(key: string, now: number): void {
    const entry = this.#values.peek(key)
    if (entry !== undefined && entry.expiresAt <= now) this.#values.delete(key)
    if (this.#leases.get(key, now) === undefined) this.#leases.delete(key)
    this.#unlistIfEmpty(key)
  }

  #list(key: string): void {
    this.#index.add(key)
    this.#capped.add(key)
  }

  #unlist(key: string): void {
    this.#index.delete(key)
    this.#capped.delete(key)
  }

  #raiseFence(group: string | null): string {
    const now = this.#now()
    const token = this.#fences.get(group, now) ?? this.#newToken()
    this.#fences.set(group, token, now + FENCE_MS, now)
    return token
  }

  #standingFence(group: string): string | null {
    const now = this.#now()
    const [own, all] = [this.#fences.get(group, now), this.#fences.get(null, now)]
    return own === undefined || all === undefined ? null : `${own}.${all}`
  }

  #newToken(): string {
    this.#tokens += 1
    return String(this.#tokens)
  }
}
