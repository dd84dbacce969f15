import { LRUCache } from 'lru-cache'
import { Random } from '../../test/consistency/random.js'
import { bytesOf, isThing, KEYS } from './things.js'

/** One request of the sequence that all set-ups get. */
export interface LifeRequest {
  readonly key: number
  /** It changes the thing, and so the lists that show it. */
  readonly isWrite: boolean
  /** Which of the app's processes is asked. */
  readonly process: number
}

export const PROCESSES = 4
const EXPONENT = 0.9
const WRITE_SHARE = 0.03
/** So many requests, after which what an LRU holds no longer depends on how it began. */
const HISTORY = 1_000_000

/** An endless sequence: keys by Zipf, in an order of their own, a few writes, a process drawn for each. */
export class Requests {
  readonly #seed: number
  readonly #random: Random
  readonly #keys: readonly number[]
  /** Of the ranks, from the most asked for: what share of the requests is for those up to here. */
  readonly #shares: Float64Array

  constructor(seed: number) {
    this.#seed = seed
    this.#random = new Random(seed)
    this.#keys = shuffled(KEYS, this.#random)
    this.#shares = sharesOf(KEYS)
  }

  next(): LifeRequest {
    const isWrite = this.#random.chance(WRITE_SHARE)
    let key = this.#draw(this.#random)
    while (isWrite && !isThing(key)) key = this.#draw(this.#random)
    return { key, isWrite, process: this.#random.below(PROCESSES) }
  }

  take(count: number): LifeRequest[] {
    return Array.from({ length: count }, () => this.next())
  }

  /**
   * What a cache of so many bytes would hold if it always let go of what was asked for longest ago, after a million
   * requests, which come before those of the sequence.
   *
   * @returns From what goes first to what goes last.
   */
  heldIn(bytes: number): number[] {
    const random = new Random(this.#seed, HISTORY)
    const held = new LRUCache<number, number>({ maxSize: bytes, sizeCalculation: (size) => size })
    for (let count = 0; count < HISTORY; count++) {
      const key = this.#draw(random)
      if (held.get(key) === undefined) held.set(key, bytesOf(key))
    }
    return [...held.keys()].reverse()
  }

  #draw(random: Random): number {
    const share = random.next()
    let [low, high] = [0, KEYS - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#shares[middle] as number) > share) high = middle
      else low = middle + 1
    }
    return this.#keys[low] as number
  }
}

function shuffled(count: number, random: Random): number[] {
  const items = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const item = items[last] as number
    items[last] = items[other] as number
    items[other] = item
  }
  return items
}

function sharesOf(count: number): Float64Array {
  const shares = new Float64Array(count)
  let sum = 0
  for (let rank = 1; rank <= count; rank++) {
    sum += rank ** -EXPONENT
    shares[rank - 1] = sum
  }
  return shares.map((share) => share / sum)
}
