import type { RuleLabel } from './cache-event.js'

/** How much the newest load counts in a rule's average. */
const WEIGHT = 0.2

/** How long the loads of each rule take in this process, on average. */
export class LoadTimes {
  readonly #averageMs = new WeakMap<RuleLabel, number>()

  add(rule: RuleLabel, ms: number): void {
    const before = this.#averageMs.get(rule) ?? ms
    this.#averageMs.set(rule, before + WEIGHT * (ms - before))
  }

  /** 0 before the first. */
  of(rule: RuleLabel): number {
    return this.#averageMs.get(rule) ?? 0
  }
}
