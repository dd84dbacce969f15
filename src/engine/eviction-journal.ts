import { groupOfSelector } from '../stores/group-of-selector.js'
import type { Selector } from '../stores/store.js'

/** Beyond this many, evicting all keys of a kind costs less than remembering each. */
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
    // Widened, never dropped. New objects each time, so that `settle` tells them from earlier ones.
    this.#owed = new Map(widened(this.list()).map((selector) => [idOf(selector), selector]))
  }

  /** Strikes out what was delivered; what was kept meanwhile stays. */
  settle(delivered: readonly Selector[]): void {
    for (const selector of delivered) {
      if (this.#owed.get(idOf(selector)) === selector) this.#owed.delete(idOf(selector))
    }
  }
}

/** All keys with the same first segments as what is owed, or simply all keys. */
function widened(owed: readonly Selector[]): readonly Selector[] {
  const groups = [...new Set(owed.map(groupOfSelector))]
  if (groups.includes(null) || groups.length > MAX_KEPT / 2) return [{ kind: 'glob', glob: '*' }]
  return (groups as string[]).flatMap((group) => [
    { kind: 'key', key: group },
    { kind: 'pattern', pattern: `${group}:*` },
  ])
}

function idOf(selector: Selector): string {
  return JSON.stringify(selector)
}
