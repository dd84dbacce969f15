import { LRUCache } from 'lru-cache'

/** Why an entry went: for room, because it was asked to, or for another under its key. */
export type Departure = 'evict' | 'delete' | 'set'

export interface SegmentedLruOptions<Entry> {
  readonly maxBytes: number
  /** What an entry takes, its key included. */
  readonly bytesOf: (entry: Entry, key: string) => number
  /** Whether an entry is of no more use. Such a one makes room first, once it was used least recently. */
  readonly isOver: (entry: Entry) => boolean
  /** Told of each entry that goes, but not by `clear`. */
  readonly onGone: (entry: Entry, key: string, why: Departure) => void
}

/** As Karedla, Love and Wherry have measured it to be good for many loads. */
const PROTECTED_SHARE = 0.8

/**
 * Entries of so many bytes, of which those stay that are asked for again (segmented LRU; Karedla, Love and Wherry,
 * _Caching Strategies to Improve Disk System Performance_, 1994).
 *
 * New ones are on probation: for room, the one goes that was used there least recently. Those that are asked for a
 * second time are protected, in four fifths of the room at most, and beyond it go back on probation, least recently used
 * first. So a look at a great many keys that nobody else asks for washes out nothing that people use. What is set anew
 * keeps its place.
 */
export class SegmentedLru<Entry extends object> {
  readonly #maxBytes: number
  readonly #bytesOf: (entry: Entry, key: string) => number
  readonly #isOver: (entry: Entry) => boolean
  readonly #onGone: (entry: Entry, key: string, why: Departure) => void
  readonly #protected: LRUCache<string, Entry>
  readonly #probation: LRUCache<string, Entry>

  constructor({ maxBytes, bytesOf, isOver, onGone }: SegmentedLruOptions<Entry>) {
    this.#maxBytes = maxBytes
    this.#bytesOf = bytesOf
    this.#isOver = isOver
    this.#onGone = onGone
    this.#protected = new LRUCache({
      maxSize: Math.ceil(maxBytes * PROTECTED_SHARE),
      sizeCalculation: bytesOf,
      dispose: (entry, key, why) => {
        if (why !== 'evict') return
        if (isOver(entry)) onGone(entry, key, why)
        else this.#probation.set(key, entry)
      },
    })
    this.#probation = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: bytesOf,
      dispose: (entry, key, why) => {
        if (why === 'evict') onGone(entry, key, why)
      },
    })
  }

  get size(): number {
    return this.#protected.size + this.#probation.size
  }

  get bytes(): number {
    return this.#protected.calculatedSize + this.#probation.calculatedSize
  }

  /** Counts as a use. */
  get(key: string): Entry | undefined {
    const kept = this.#protected.get(key)
    if (kept !== undefined) return kept
    const entry = this.#probation.get(key)
    if (entry !== undefined && this.#bytesOf(entry, key) <= this.#protected.maxSize) {
      this.#probation.delete(key)
      this.#protected.set(key, entry)
    }
    return entry
  }

  /** Looks without counting as a use. */
  peek(key: string): Entry | undefined {
    return this.#protected.peek(key) ?? this.#probation.peek(key)
  }

  has(key: string): boolean {
    return this.#protected.has(key) || this.#probation.has(key)
  }

  /** @returns Whether there is room for it at all. What was under the key is gone either way. */
  set(key: string, entry: Entry): boolean {
    const wasProtected = this.#protected.has(key)
    this.#remove(key, 'set')
    const bytes = this.#bytesOf(entry, key)
    if (bytes > this.#maxBytes) return false
    this.#makeRoomFor(bytes)
    const isProtected = wasProtected && bytes <= this.#protected.maxSize
    const segment = isProtected ? this.#protected : this.#probation
    segment.set(key, entry)
    return true
  }

  delete(key: string): void {
    this.#remove(key, 'delete')
  }

  clear(): void {
    this.#protected.clear()
    this.#probation.clear()
  }

  #makeRoomFor(bytes: number): void {
    while (this.bytes + bytes > this.#maxBytes) {
      const { value: oldest } = this.#protected.rvalues().next()
      const isOld = oldest !== undefined && this.#isOver(oldest)
      // What leaves the protected and is not over goes on probation, and leaves from there.
      const segment = isOld || this.#probation.size === 0 ? this.#protected : this.#probation
      segment.pop()
    }
  }

  #remove(key: string, why: Departure): void {
    const entry = this.peek(key)
    if (entry === undefined) return
    this.#protected.delete(key)
    this.#probation.delete(key)
    this.#onGone(entry, key, why)
  }
}
