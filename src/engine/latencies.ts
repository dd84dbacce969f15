/** Milliseconds by logarithmic buckets. */
export interface LatencyReport {
  readonly count: number
  /** `null` while `count` is 0. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Counts by bucket, so that those of several processes can be added. */
  readonly buckets: readonly number[]
}

/** The first bucket is for all that takes less. */
const SHORTEST_MS = 0.01
/** Each doubling has four buckets of one width, so that a percentile is off by an eighth at most. */
const BITS_PER_DOUBLING = 2
const BUCKETS_PER_DOUBLING = 2 ** BITS_PER_DOUBLING
/** The last one begins at two minutes. */
const BUCKETS = 96

// The logarithm of a number is in its bits (IEEE 754), and to look at them takes a quarter of the time that Math.log2 does.
const NUMBER = new Float64Array(1)
const WORDS = new Uint32Array(NUMBER.buffer)
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0
const BITS_BELOW = 20 - BITS_PER_DOUBLING
const BUCKET_OF_ONE = 1_023 * BUCKETS_PER_DOUBLING

/** Durations in logarithmic buckets: one addition for each, whatever their number. */
export class Latencies {
  readonly #counts = new Float64Array(BUCKETS)
  #sumMs = 0

  add(ms: number): void {
    NUMBER[0] = ms / SHORTEST_MS
    const bucket = ((WORDS[HIGH_WORD] as number) >>> BITS_BELOW) - BUCKET_OF_ONE + 1
    const at = bucket > 0 ? (bucket < BUCKETS ? bucket : BUCKETS - 1) : 0
    this.#counts[at] = (this.#counts[at] as number) + 1
    this.#sumMs += ms
  }

  get sumMs(): number {
    return this.#sumMs
  }

  /** Counts by bucket, up to the last that has any. */
  buckets(): readonly number[] {
    let end = BUCKETS
    while (end > 0 && this.#counts[end - 1] === 0) end -= 1
    return [...this.#counts.subarray(0, end)]
  }
}

/** What counts by bucket come to. */
export function latencyReport(buckets: readonly number[]): LatencyReport {
  return {
    count: countOf(buckets),
    p50Ms: percentileMs(buckets, 0.5),
    p99Ms: percentileMs(buckets, 0.99),
    buckets,
  }
}

/** Counts of several, as those of processes or of rules, together. */
export function sumOfBuckets(lists: Iterable<readonly number[]>): readonly number[] {
  const sum: number[] = []
  for (const list of lists) {
    for (const [bucket, count] of list.entries()) sum[bucket] = (sum[bucket] ?? 0) + count
  }
  return sum
}

/** What has been added since. @param before - The counts of the same at an earlier time. */
export function bucketsSince(now: readonly number[], before: readonly number[]): readonly number[] {
  return now.map((count, bucket) => count - (before[bucket] ?? 0))
}

/** The duration that so large a share of all took at most; `null` where there is none. */
export function percentileMs(buckets: readonly number[], share: number): number | null {
  const count = countOf(buckets)
  if (count === 0) return null
  let left = Math.max(1, Math.ceil(count * share))
  const at = buckets.findIndex((inBucket) => {
    left -= inBucket
    return left <= 0
  })
  return middleMs(at)
}

function countOf(buckets: readonly number[]): number {
  return buckets.reduce((sum, count) => sum + count, 0)
}

/** In three digits, as more would claim what nobody has measured. */
function middleMs(bucket: number): number {
  const beginning = bucket === 0 ? 0 : beginningOf(bucket - 1)
  return Number((((beginning + beginningOf(bucket)) / 2) * SHORTEST_MS).toPrecision(3))
}

/** In units of the shortest; `nth` counts from the first that is as long as that. */
function beginningOf(nth: number): number {
  const within = 1 + (nth % BUCKETS_PER_DOUBLING) / BUCKETS_PER_DOUBLING
  return within * 2 ** Math.floor(nth / BUCKETS_PER_DOUBLING)
}
