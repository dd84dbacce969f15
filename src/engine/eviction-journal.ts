import type { Selector } from '../stores/store.js'

/** Beyond this many, one eviction of everything costs less than remembering each. */
const MAX_KEPT = 10_000

/** Evictions that the store has not acknowledged. They are owed: nothing may be served before they are done. */
export class EvictionJournal {
  #owed = new Map<string, Selector>()

  get isEmpty(): boolean {
    return this.#owed.size === 0
  }

  get size(): number {
    return this.#owed.size
  }

  list(): readonly Selector[] {
    return [...this.#owed.values()]
  }

  keep(selectors: readonly Selector[]): void {
    for (const selector of selectors) this.#owed.set(idOf(selector), selector)
    if (this.#owed.size <= MAX_KEPT) return
    // Widened, never dropped. A new object each time, so that `settle` tells this one from an earlier one.
    const everything: Selector = { kind: 'glob', glob: '*' }
    this.#owed = new Map([[idOf(everything), everything]])
  }

  /** Strikes out what was delivered; what was kept meanwhile stays. */
  settle(delivered: readonly Selector[]): void {
    for (const selector of delivered) {
      if (this.#owed.get(idOf(selector)) === selector) this.#owed.delete(idOf(selector))
    }
  }
}

function idOf(selector: Selector): string {
  return JSON.stringify(selector)
}
