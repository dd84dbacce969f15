import { Random } from '../../test/consistency/random.js'

/** What is asked of a cache, one after the other, and how large the answers are. */
export interface Trace {
  readonly name: string
  /** By number. */
  readonly keys: readonly string[]
  /** What each entry takes, in bytes. */
  readonly sizes: Int32Array
  /** A read of key `n` is `n`; a write that makes it old is `-1 - n`. */
  readonly steps: Int32Array
  /** After so many steps a copy is too old to be given, as after `maxAgeMs`. */
  readonly maxAge: number
  /** What all that is asked for more than once would take together, in bytes. */
  readonly workingSet: number
}

const REQUESTS = 2_000_000
const KEYS = 100_000
const EXPONENT = 0.9
/** Log-normal, cut at both ends: half of the values are smaller than the median. */
const SIZE = { median: 3_000, sigma: 1.2, least: 300, most: 50_000 }
/** What the process tier counts for an entry beside its value. */
const ENTRY_BYTES = 770

const SCAN_EVERY = 100_000
const SCANNED = 20_000

const WRITES = 0.03
const LISTS = 20_000
const LISTS_OF_A_THING = 3

/** What was asked for most makes room for something else after so many requests. */
const CHANGE_EVERY = 500
const CHANGED_RANKS = 1_000

/** Zipf, and every now and then somebody who goes through keys that nobody else asks for. */
export function zipfWithScans(seed: number): Trace {
  const random = new Random(seed, 1)
  const rank = zipf(random, KEYS)
  const keyOf = shuffled(random, KEYS)
  const scans = REQUESTS / SCAN_EVERY
  const steps = new Int32Array(REQUESTS)
  let scan = 0
  let left = 0
  for (let at = 0; at < REQUESTS; at++) {
    if (at % SCAN_EVERY === 0) {
      scan = at / SCAN_EVERY
      left = SCANNED
    }
    // Every second request is the scan's until it is through.
    const isScan = left > 0 && at % 2 === 1
    if (isScan) left--
    steps[at] = isScan ? KEYS + scan * SCANNED + left : (keyOf[rank()] as number)
  }
  return traceOf('Zipf 0.9 with scans', random, KEYS + scans * SCANNED, steps)
}

/** Zipf, and 3 % writes, each of which makes a thing old and the lists that it is in. */
export function life(seed: number): Trace {
  const random = new Random(seed, 2)
  const rank = zipf(random, KEYS)
  const keyOf = shuffled(random, KEYS)
  return traceOf(
    'life',
    random,
    KEYS,
    lifeSteps(random, () => keyOf[rank()] as number),
  )
}

/** The same, where what is asked for most is something else after a while. */
export function changingLife(seed: number): Trace {
  const random = new Random(seed, 3)
  const rank = zipf(random, KEYS)
  const keyOf = shuffled(random, KEYS)
  let asked = 0
  const next = () => {
    if (++asked % CHANGE_EVERY === 0) swap(keyOf, random.below(CHANGED_RANKS), random.below(KEYS))
    return keyOf[rank()] as number
  }
  return traceOf('life, changing', random, KEYS, lifeSteps(random, next))
}

/** The same as `life`, where copies are given for as long as ten seconds at 2,000 requests a second. */
export function agingLife(seed: number): Trace {
  return { ...life(seed), name: 'life, copies of 20,000 requests at most', maxAge: 20_000 }
}

/** Keys below `LISTS` are lists, all others things. */
function lifeSteps(random: Random, next: () => number): Int32Array {
  const listsOf = Array.from({ length: KEYS }, () =>
    Array.from({ length: LISTS_OF_A_THING }, () => random.below(LISTS)),
  )
  const steps: number[] = []
  for (let request = 0; request < REQUESTS; request++) {
    const key = next()
    if (!random.chance(WRITES)) steps.push(key)
    else for (const old of [key, ...(listsOf[key] ?? [])]) steps.push(-1 - old)
  }
  return Int32Array.from(steps)
}

function traceOf(name: string, random: Random, keyCount: number, steps: Int32Array): Trace {
  const sizes = Int32Array.from({ length: keyCount }, () => ENTRY_BYTES + logNormal(random))
  const reads = new Int32Array(keyCount)
  for (const step of steps) if (step >= 0) reads[step] = (reads[step] ?? 0) + 1
  const workingSet = sizes.reduce((sum, bytes, key) => ((reads[key] ?? 0) > 1 ? sum + bytes : sum), 0)
  const keys = Array.from({ length: keyCount }, (_, number) => `customer:${number}`)
  return { name, keys, sizes, steps, workingSet, maxAge: Number.POSITIVE_INFINITY }
}

/** Ranks from 0, the more often the lower. */
function zipf(random: Random, count: number): () => number {
  const upTo = new Float64Array(count)
  let total = 0
  for (let rank = 0; rank < count; rank++) {
    total += 1 / (rank + 1) ** EXPONENT
    upTo[rank] = total
  }
  return () => {
    const wanted = random.next() * total
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((upTo[middle] as number) > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** By Box and Muller. */
function logNormal(random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  const { median, sigma, least, most } = SIZE
  return Math.round(Math.min(most, Math.max(least, median * Math.exp(sigma * normal))))
}

function shuffled(random: Random, count: number): Int32Array {
  const numbers = Int32Array.from({ length: count }, (_, number) => number)
  for (let at = count - 1; at > 0; at--) swap(numbers, at, random.below(at + 1))
  return numbers
}

function swap(numbers: Int32Array, one: number, other: number): void {
  const kept = numbers[one] as number
  numbers[one] = numbers[other] as number
  numbers[other] = kept
}
