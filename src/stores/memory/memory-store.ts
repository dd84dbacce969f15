import { ownBytes } from '../../tools/own-copy.js'
import type { BrowsedEntry, BrowsedPage, BrowseRequest } from '../browsing.js'
import { groupOfSelector } from '../group-of-selector.js'
import { LeaseWaiters } from '../lease-waiters.js'
import {
  groupOf,
  type Heartbeat,
  type LeaseEnd,
  type Lookup,
  type LookupOptions,
  type PutMode,
  type PutOutcome,
  type Selector,
  type Store,
  type StoredValue,
  type TaggedEntry,
} from '../store.js'
import { isTagSelector } from '../tag-selectors.js'
import { ExpiringTokens } from './expiring-tokens.js'
import { Fences } from './fences.js'
import { firstKeys } from './first-keys.js'
import { HeldKeys } from './held-keys.js'
import { KeysByTag } from './keys-by-tag.js'
import { SegmentedLru } from './segmented-lru.js'
import { TagMarks } from './tag-marks.js'

export interface MemoryStoreOptions {
  /** How much keys and values may take; beyond it, the store drops what nobody has asked for again. 64 MiB if left out. */
  readonly maxBytes?: number | undefined
  /** Monotonic milliseconds: what the wall clock is set to changes nothing. */
  readonly now?: (() => number) | undefined
}

interface Entry {
  readonly value: Buffer
  readonly expiresAt: number
  readonly tags: readonly string[]
  /** Unlike that of any other entry. */
  readonly number: number
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024
/** What an entry takes beside its key and value: buffer, bookkeeping of the cache, place in the index. */
const ENTRY_BYTES = 640
/** What a tag of an entry takes beside its text. */
const TAG_BYTES = 200
const NO_TAGS: readonly string[] = []
/** Between a token and the moment at which it was given. */
const SINCE = '@'

/**
 * Values, leases and fences within this process: the same promises as in Redis, to this process alone.
 *
 * The store keeps buffers and gives them out as they are: callers must not write to them.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #now: () => number
  readonly #values: SegmentedLru<Entry>
  readonly #leases = new ExpiringTokens<string>((key) => this.#forgetIfEmpty(key))
  readonly #fences = new Fences()
  readonly #held = new HeldKeys()
  readonly #keysByTag = new KeysByTag()
  readonly #marks = new TagMarks()
  readonly #waiters = new LeaseWaiters()
  #name: string | undefined
  #leaseCount = 0
  #entryCount = 0

  constructor({ maxBytes = DEFAULT_MAX_BYTES, now = () => performance.now() }: MemoryStoreOptions = {}) {
    this.#now = now
    this.#values = new SegmentedLru({
      maxBytes,
      bytesOf: ({ value, tags }, key) => ENTRY_BYTES + key.length + value.length + bytesOf(tags),
      isOver: ({ expiresAt }) => expiresAt <= now(),
      onGone: ({ tags }, key, why) => {
        this.#keysByTag.delete(key, tags)
        if (why === 'evict' && !this.#leases.has(key)) this.#held.delete(key)
      },
    })
  }

  observe(): void {}

  async name(own: string): Promise<string> {
    this.#name ??= own
    return this.#name
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
    if (keyLimit !== undefined && this.#held.isFull(key, keyLimit, (held) => this.#forgetIfDead(held, now))) {
      return { kind: 'full' }
    }
    const lease = this.#newLease()
    this.#leases.set(key, lease, now + leaseMs, now)
    this.#held.add(key)
    return { kind: 'lease', lease, stale: stored }
  }

  async get(key: string): Promise<StoredValue | null> {
    return this.#read(key)
  }

  async fill(
    key: string,
    lease: string,
    value: Buffer,
    ttlMs: number,
    tags: readonly string[] = NO_TAGS,
  ): Promise<boolean> {
    if (this.#leases.get(key, this.#now()) !== lease) return false
    if (this.#marks.isEvictedSince(momentOf(lease), tags)) {
      this.#endLease(key)
      return false
    }
    this.#leases.delete(key)
    const isStored = this.#store(key, value, ttlMs, tags)
    this.#waiters.notify(lease, 'ended')
    return isStored
  }

  async release(key: string, lease: string, isUnshareable = false): Promise<void> {
    if (this.#leases.get(key, this.#now()) === lease) {
      this.#endLease(key, isUnshareable ? 'unshareable' : 'ended')
    }
  }

  waitForLease(key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    if (this.#leases.get(key, this.#now()) !== lease) return Promise.resolve('ended')
    return this.#waiters.wait(lease, timeoutMs)
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    this.#overwrite(key, value, ttlMs)
    return true
  }

  async fence(group: string): Promise<string> {
    return `${this.#fences.raise(group, this.#now())}${SINCE}${this.#marks.now}`
  }

  async put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: PutMode,
    tags?: readonly string[],
  ): Promise<PutOutcome> {
    const stands =
      this.#fences.standing(groupOf(key), this.#now()) === tokenOf(fence) &&
      !this.#marks.isEvictedSince(momentOf(fence), tags ?? NO_TAGS)
    if (mode === 'replace') {
      if (stands) this.#overwrite(key, value, ttlMs, tags)
      else await this.evict([{ kind: 'key', key }])
      return stands ? 'stored' : 'refused'
    }
    if (this.#read(key) !== null || this.#leases.get(key, this.#now()) !== undefined) return 'present'
    if (!stands) return 'refused'
    this.#store(key, value, ttlMs, tags ?? NO_TAGS)
    return 'stored'
  }

  async evict(selectors: readonly Selector[]): Promise<number> {
    let removed = 0
    for (const selector of selectors) {
      const isByTag = isTagSelector(selector)
      if (isByTag) this.#marks.note(selector)
      else this.#fences.drop(groupOfSelector(selector))
      for (const key of isByTag ? this.#keysByTag.covered(selector) : this.#held.covered(selector)) {
        // What is put without tags takes over those of the entry.
        if (isByTag) this.#fences.drop(groupOf(key))
        if (this.#read(key) !== null) removed += 1
        this.#remove(key)
      }
    }
    return removed
  }

  async tagged(tags: readonly string[], limit: number): Promise<readonly TaggedEntry[]> {
    const now = this.#now()
    const found = new Map<string, { identity: string; tags: string[] }>()
    for (const tag of tags) {
      for (const key of this.#keysByTag.of(tag)) {
        if (found.size === limit && !found.has(key)) break
        const entry = this.#values.peek(key)
        if (entry === undefined || entry.expiresAt <= now) continue
        const known = found.get(key)
        if (known) known.tags.push(tag)
        else found.set(key, { identity: String(entry.number), tags: [tag] })
      }
    }
    return [...found].map(([key, entry]) => ({ key, ...entry }))
  }

  async browse({ prefix, after = '', limit }: BrowseRequest): Promise<BrowsedPage> {
    const now = this.#now()
    const isThere = (key: string) => this.#browsed(key, now) !== null
    // One more, to know whether there is one.
    const range = { after, count: limit + 1 }
    const keys = firstKeys(this.#held.startingWith(prefix), range, isThere)
    const entries = keys.slice(0, limit).flatMap((key) => this.#browsed(key, now) ?? [])
    return { entries, next: keys.length > limit ? (keys[limit - 1] ?? null) : null }
  }

  async count(prefix: string): Promise<number> {
    return this.#held.startingWith(prefix).length
  }

  /** This store answers. */
  async post(): Promise<void> {}

  async alarm(): Promise<void> {}

  /** No other process shares the store, and this one is never out of touch with it. */
  async heartbeat(): Promise<Heartbeat> {
    return { now: this.#now(), newestCall: 0, rollCall: null, missing: 0, wasKnown: true, isWatched: false }
  }

  async leave(): Promise<void> {}

  async close(): Promise<void> {
    this.#values.clear()
    this.#keysByTag.clear()
    this.#leases.clear()
    this.#fences.clear()
    this.#waiters.notifyAll()
  }

  #read(key: string): StoredValue | null {
    const entry = this.#values.get(key)
    if (entry === undefined) return null
    const remainingMs = entry.expiresAt - this.#now()
    if (remainingMs > 0) return { value: entry.value, remainingMs, tags: entry.tags }
    this.#values.delete(key)
    this.#forgetIfEmpty(key)
    return null
  }

  /** Looks without counting as a use. */
  #browsed(key: string, now: number): BrowsedEntry | null {
    const entry = this.#values.peek(key)
    if (entry === undefined || entry.expiresAt <= now) return null
    return { key, bytes: entry.value.length, remainingMs: entry.expiresAt - now, tags: entry.tags }
  }

  /** @returns Whether there was room for it at all. */
  #store(key: string, value: Buffer, ttlMs: number, tags: readonly string[]): boolean {
    this.#held.add(key)
    this.#entryCount += 1
    const isStored = this.#values.set(key, {
      value: ownBytes(value),
      expiresAt: this.#now() + ttlMs,
      tags,
      number: this.#entryCount,
    })
    if (isStored) this.#keysByTag.add(key, tags)
    this.#forgetIfEmpty(key)
    return isStored
  }

  #overwrite(key: string, value: Buffer, ttlMs: number, tags = this.#values.peek(key)?.tags): void {
    this.#fences.drop(groupOf(key))
    for (const held of this.#held.withVariants(key)) this.#remove(held)
    this.#store(key, value, ttlMs, tags ?? NO_TAGS)
  }

  #remove(key: string): void {
    this.#values.delete(key)
    this.#endLease(key)
  }

  #endLease(key: string, end: 'ended' | 'unshareable' = 'ended'): void {
    const lease = this.#leases.get(key, this.#now())
    this.#leases.delete(key)
    this.#forgetIfEmpty(key)
    if (lease !== undefined) this.#waiters.notify(lease, end)
  }

  #forgetIfEmpty(key: string): void {
    if (!this.#values.has(key) && !this.#leases.has(key)) this.#held.delete(key)
  }

  /** Looks without counting as a use. */
  #forgetIfDead(key: string, now: number): void {
    const entry = this.#values.peek(key)
    if (entry !== undefined && entry.expiresAt <= now) this.#values.delete(key)
    if (this.#leases.get(key, now) === undefined) this.#leases.delete(key)
    this.#forgetIfEmpty(key)
  }

  #newLease(): string {
    this.#leaseCount += 1
    return `${this.#leaseCount}${SINCE}${this.#marks.now}`
  }
}

function tokenOf(given: string): string {
  return given.slice(0, given.indexOf(SINCE))
}

function momentOf(given: string): number {
  return Number(given.slice(given.indexOf(SINCE) + 1))
}

function bytesOf(tags: readonly string[]): number {
  return tags.reduce((bytes, tag) => bytes + TAG_BYTES + tag.length, 0)
}
