import type { PolicyCache, PolicyOptions } from './policy.js'
import { Queue, type Queued, queued } from './queue.js'

/**
 * SIEVE (Zhang et al., NSDI 2024), with sizes: a hand goes from the oldest to the newest, drops what was not used since
 * it last came by, and stays where it is for the next time. What is used does not move.
 */
export class Sieve implements PolicyCache {
  readonly #maxBytes: number
  readonly #entries = new Map<string, Queued>()
  readonly #queue = new Queue()
  #hand: Queued | undefined

  constructor({ maxBytes }: PolicyOptions) {
    this.#maxBytes = maxBytes
  }

  get(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    entry.uses = 1
    return true
  }

  set(key: string, bytes: number): void {
    this.delete(key)
    if (bytes > this.#maxBytes) return
    while (this.#queue.bytes + bytes > this.#maxBytes) this.#dropOne()
    const entry = queued(key, bytes)
    this.#entries.set(key, entry)
    this.#queue.push(entry)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#remove(entry)
  }

  #dropOne(): void {
    let entry = this.#hand ?? this.#queue.oldest
    while (entry?.uses) {
      entry.uses = 0
      entry = entry.newer ?? this.#queue.oldest
    }
    if (entry === undefined) return
    this.#hand = entry
    this.#remove(entry)
  }

  #remove(entry: Queued): void {
    if (entry === this.#hand) this.#hand = entry.newer
    this.#entries.delete(entry.key)
    this.#queue.remove(entry)
  }
}
