import type { RuleLabel } from '../engine/cache-event.js'

/** Counts of durations by bucket, of each rule. */
export class DurationHistogram {
  readonly bounds: readonly number[]
  readonly #byRule = new WeakMap<RuleLabel, BucketCounts>()
  readonly #all: BucketCounts[] = []

  /** @param bounds - Upper bounds in seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
  }

  record(rule: RuleLabel, seconds: number): void {
    let counts = this.#byRule.get(rule)
    if (!counts) {
      counts = new BucketCounts(rule, this.bounds.length + 1)
      this.#byRule.set(rule, counts)
      this.#all.push(counts)
    }
    counts.sum += seconds
    let at = 0
    while (at < this.bounds.length && seconds > (this.bounds[at] as number)) at++
    counts.buckets[at] = (counts.buckets[at] as number) + 1
  }

  list(): readonly BucketCounts[] {
    return this.#all
  }
}

class BucketCounts {
  readonly rule: RuleLabel
  /** How many durations are in each bucket alone; the last is for all beyond the bounds. */
  readonly buckets: number[]
  sum = 0

  constructor(rule: RuleLabel, length: number) {
    this.rule = rule
    this.buckets = new Array(length).fill(0)
  }
}
