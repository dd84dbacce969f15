import type { CacheEvent, RuleLabel } from './cache-event.js'

/** How much the newest load counts in a rule's average. */
const WEIGHT = 0.2

/** How long the loads of each rule take in this process, on average. */
export class LoadTimes {
  readonly #averageMs = new WeakMap<RuleLabel, number>()

  readonly listener = (event: CacheEvent): void => {
    const isLoad = event.type === 'reload' || (event.type === 'miss' && !event.collapsed)
    if (!isLoad) return
    const before = this.#averageMs.get(event.rule) ?? event.ms
    this.#averageMs.set(event.rule, before + WEIGHT * (event.ms - before))
  }

  /** 0 before the first. */
  of(rule: RuleLabel): number {
    return this.#averageMs.get(rule) ?? 0
  }
}
