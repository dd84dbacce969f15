import type { PolicyCache, PolicyOptions } from './policy.js'
import { Queue, type Queued, queued } from './queue.js'

const SMALL_SHARE = 0.1
const MOST_USES = 3

/**
 * S3-FIFO (Yang et al., SOSP 2023), with sizes: what is new has a tenth of the room, and moves on to the rest if it is
 * used there, or comes again while its key is remembered. Keys of as many bytes as the rest are remembered.
 */
export class S3Fifo implements PolicyCache {
  readonly #maxBytes: number
  readonly #entries = new Map<string, Queued>()
  readonly #small = new Queue()
  readonly #main = new Queue()
  readonly #inMain = new Set<Queued>()
  readonly #ghosts = new Map<string, Queued>()
  readonly #ghostQueue = new Queue()

  constructor({ maxBytes }: PolicyOptions) {
    this.#maxBytes = maxBytes
  }

  get(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    if (entry.uses < MOST_USES) entry.uses++
    return true
  }

  set(key: string, bytes: number): void {
    this.delete(key)
    if (bytes > this.#maxBytes) return
    while (this.#small.bytes + this.#main.bytes + bytes > this.#maxBytes) this.#dropOne()
    const entry = queued(key, bytes)
    this.#entries.set(key, entry)
    const ghost = this.#ghosts.get(key)
    if (ghost) {
      this.#forget(ghost)
      this.#moveToMain(entry)
    } else this.#small.push(entry)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    if (this.#inMain.delete(entry)) this.#main.remove(entry)
    else this.#small.remove(entry)
  }

  #dropOne(): void {
    const { oldest } = this.#small
    const isSmallFull = this.#small.bytes >= this.#maxBytes * SMALL_SHARE || this.#main.oldest === undefined
    if (oldest && isSmallFull) this.#dropOfSmall(oldest)
    else this.#dropOfMain()
  }

  #dropOfSmall(entry: Queued): void {
    this.#small.remove(entry)
    if (entry.uses > 1) {
      entry.uses = 0
      this.#moveToMain(entry)
      return
    }
    this.#entries.delete(entry.key)
    this.#remember(entry)
  }

  #dropOfMain(): void {
    let entry = this.#main.oldest
    while (entry?.uses) {
      entry.uses--
      this.#main.remove(entry)
      this.#main.push(entry)
      entry = this.#main.oldest
    }
    if (entry) this.delete(entry.key)
  }

  #moveToMain(entry: Queued): void {
    this.#inMain.add(entry)
    this.#main.push(entry)
  }

  #remember(entry: Queued): void {
    this.#ghosts.set(entry.key, entry)
    this.#ghostQueue.push(entry)
    while (this.#ghostQueue.bytes > this.#maxBytes * (1 - SMALL_SHARE) && this.#ghostQueue.oldest) {
      this.#forget(this.#ghostQueue.oldest)
    }
  }

  #forget(ghost: Queued): void {
    this.#ghosts.delete(ghost.key)
    this.#ghostQueue.remove(ghost)
  }
}
