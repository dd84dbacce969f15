import { LRUCache } from 'lru-cache'
import { groupOfSelector } from '../group-of-selector.js'
import { KeyTrie } from '../memory/key-trie.js'
import { groupOf, type Selector, type StoredValue } from '../store.js'

export interface ProcessTierOptions {
  /** How much keys and values may take; beyond it, what was used least recently goes. */
  readonly maxBytes: number
  /** How long a value is used before the store is asked for it again. */
  readonly maxAgeMs: number
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined
}

interface Entry {
  readonly value: Buffer
  readonly expiresAt: number
  readonly usableUntil: number
}

/** What has been evicted when a value was asked for. */
export type Mark = number

/** What an entry takes beside its key and value, as `bench/memory.ts` measures it. */
const ENTRY_BYTES = 770
/** Beyond it, an eviction of one group counts as one of all. */
const MAX_GROUPS = 1_000

/**
 * Copies of values in this process's memory.
 *
 * A copy is kept only if nothing of its group was evicted since it was asked for: the answer of a store and word of
 * an eviction may come in either order.
 */
export class ProcessTier {
  readonly #maxAgeMs: number
  readonly #now: () => number
  readonly #entries: LRUCache<string, Entry>
  readonly #index = new KeyTrie()
  /** When each group was last evicted, counted in evictions. */
  readonly #evicted = new Map<string, number>()
  #allEvicted = 0
  #evictions = 0

  constructor({ maxBytes, maxAgeMs, now = Date.now }: ProcessTierOptions) {
    this.#maxAgeMs = maxAgeMs
    this.#now = now
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ value }, key) => ENTRY_BYTES + key.length + value.length,
      dispose: (_entry, key, reason) => {
        if (reason !== 'set') this.#index.delete(key)
      },
    })
  }

  /** How much it holds, in bytes. */
  get bytes(): number {
    return this.#entries.calculatedSize
  }

  /** A copy with more than `graceMs` left to live. */
  get(key: string, graceMs: number): StoredValue | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    const now = this.#now()
    const remainingMs = entry.expiresAt - now
    if (now < entry.usableUntil && remainingMs > graceMs) return { value: entry.value, remainingMs }
    this.#entries.delete(key)
    return null
  }

  /** To be taken before the store is asked, for `put`. */
  mark(): Mark {
    return this.#evictions
  }

  put(key: string, { value, remainingMs }: StoredValue, since: Mark): void {
    if (since < Math.max(this.#allEvicted, this.#evicted.get(groupOf(key)) ?? 0)) return
    const now = this.#now()
    const expiresAt = now + remainingMs
    const usableUntil = Math.min(expiresAt, now + this.#maxAgeMs)
    this.#entries.set(key, { value: ownCopy(value), expiresAt, usableUntil })
    if (this.#entries.has(key)) this.#index.add(key)
  }

  evict(selectors: readonly Selector[]): void {
    this.#evictions += 1
    for (const selector of selectors) {
      this.#note(groupOfSelector(selector))
      for (const key of this.#index.covered(selector)) this.#entries.delete(key)
    }
  }

  clear(): void {
    this.#evictions += 1
    this.#note(null)
    this.#entries.clear()
  }

  #note(group: string | null): void {
    if (group !== null && this.#evicted.size < MAX_GROUPS) {
      this.#evicted.set(group, this.#evictions)
      return
    }
    this.#allEvicted = this.#evictions
    this.#evicted.clear()
  }
}

/** What a client of Redis gives is a part of what it has read, up to 64 kB, all of which would stay with it. */
function ownCopy(value: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(value.length)
  value.copy(own)
  return own
}
