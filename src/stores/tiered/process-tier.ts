import { ownBytes } from '../../tools/own-copy.js'
import { groupOfSelector } from '../group-of-selector.js'
import { KeyTrie } from '../memory/key-trie.js'
import { SegmentedLru } from '../memory/segmented-lru.js'
import { groupOf, type KeySelector, type StoredValue } from '../store.js'

export interface ProcessTierOptions {
  /** How much keys and values may take; beyond it, the tier drops what nobody has asked for again. */
  readonly maxBytes: number
  /** How long the tier gives a copy before its caller has to ask the store again. */
  readonly maxAgeMs: number
  /** Monotonic milliseconds: what the wall clock is set to changes nothing. */
  readonly now?: (() => number) | undefined
}

interface Entry {
  readonly value: Buffer
  readonly expiresAt: number
  readonly usableUntil: number
}

/** How many evictions the tier has seen: what is asked for in one generation is old in the next of its group. */
export type Generation = number

/** What an entry takes beside its key and value, as `bench/memory.ts` measures it. */
const ENTRY_BYTES = 770
/** So many copies may be looked at for one eviction, which takes about a tenth of a second. To drop all takes less. */
const MAX_LOOKED_AT = 250_000
/** A glob of so many characters counts as two. */
const LONG_GLOB = 32
/** Beyond it, an eviction of one group counts as one of all. */
const MAX_GROUPS = 1_000

/**
 * Copies of values in this process's memory.
 *
 * The tier keeps a copy only if no eviction touched its group since the store was asked for it: the store's answer and
 * an invalidation message may come in either order.
 */
export class ProcessTier {
  readonly #maxAgeMs: number
  readonly #now: () => number
  readonly #entries: SegmentedLru<Entry>
  #index = new KeyTrie()
  /** The generation that the last eviction of each group began. */
  readonly #evictedIn = new Map<string, Generation>()
  #allEvictedIn: Generation = 0
  #generation: Generation = 0

  constructor({ maxBytes, maxAgeMs, now = () => performance.now() }: ProcessTierOptions) {
    this.#maxAgeMs = maxAgeMs
    this.#now = now
    this.#entries = new SegmentedLru({
      maxBytes,
      bytesOf: ({ value }, key) => ENTRY_BYTES + key.length + value.length,
      isOver: ({ usableUntil }) => usableUntil <= now(),
      onGone: (_entry, key) => this.#index.delete(key),
    })
  }

  /** How much it holds, in bytes. */
  get bytes(): number {
    return this.#entries.bytes
  }

  /** A copy with more than `graceMs` left to live. */
  get(key: string, graceMs: number): StoredValue | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    const now = this.#now()
    const remainingMs = entry.expiresAt - now
    // An old copy keeps its place for the one to come.
    return now < entry.usableUntil && remainingMs > graceMs ? { value: entry.value, remainingMs } : null
  }

  /** What callers take before they ask the store, for `put`. */
  get generation(): Generation {
    return this.#generation
  }

  /** Keeps a value, to whose bytes nobody may write any more. */
  put(key: string, { value, remainingMs }: StoredValue, askedIn: Generation): void {
    if (askedIn < Math.max(this.#allEvictedIn, this.#evictedIn.get(groupOf(key)) ?? 0)) return
    const now = this.#now()
    const expiresAt = now + remainingMs
    const usableUntil = Math.min(expiresAt, now + this.#maxAgeMs)
    const isStored = this.#entries.set(key, { value: ownBytes(value), expiresAt, usableUntil })
    if (isStored) this.#index.add(key)
  }

  /** Drops the copies that selectors cover; all, where to find them would keep the process from all else. */
  evict(selectors: readonly KeySelector[]): void {
    if (lookedAt(selectors, this.#entries.size) > MAX_LOOKED_AT) {
      this.clear()
      return
    }
    this.#generation += 1
    for (const selector of selectors) {
      this.#recordEviction(groupOfSelector(selector))
      for (const key of this.#index.covered(selector)) this.#entries.delete(key)
    }
  }

  clear(): void {
    this.#generation += 1
    this.#recordEviction(null)
    this.#entries.clear()
    this.#index = new KeyTrie()
  }

  #recordEviction(group: string | null): void {
    if (group !== null && this.#evictedIn.size < MAX_GROUPS) {
      this.#evictedIn.set(group, this.#generation)
      return
    }
    this.#allEvictedIn = this.#generation
    this.#evictedIn.clear()
  }
}

/** Roughly how many of so many copies are looked at for an eviction: only some selectors have to see all of them. */
function lookedAt(selectors: readonly KeySelector[], size: number): number {
  return selectors.reduce((sum, selector) => sum + shareOf(selector) * size + 1, 0)
}

function shareOf(selector: KeySelector): number {
  if (selector.kind === 'glob') return 1 + selector.glob.length / LONG_GLOB
  if (selector.kind === 'naming') return 1 + selector.words.join('').length / LONG_GLOB
  if (selector.kind === 'key') return 0
  const star = selector.pattern.indexOf('*')
  return star === -1 || star === selector.pattern.length - 1 ? 0 : 1
}
