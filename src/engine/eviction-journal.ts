import { groupOfSelector } from '../stores/group-of-selector.js'
import type { Selector } from '../stores/store.js'

/** Beyond this many, evicting all keys of a kind costs less than remembering each. */
const MAX_SELECTORS = 10_000

/** A bounded list of evictions that are still to be delivered, each once, the oldest first. */
export class EvictionJournal {
  #pending = new Map<string, Selector>()

  get isEmpty(): boolean {
    return this.#pending.size === 0
  }

  get size(): number {
    return this.#pending.size
  }

  list(): readonly Selector[] {
    return [...this.#pending.values()]
  }

  add(selectors: readonly Selector[]): void {
    for (const selector of selectors) this.#pending.set(idOf(selector), selector)
    if (this.#pending.size <= MAX_SELECTORS) return
    // Widened, never dropped. New objects each time, so that `remove` tells them from earlier ones.
    this.#pending = new Map(widened(this.list()).map((selector) => [idOf(selector), selector]))
  }

  /** Strikes out what was delivered; what was added meanwhile stays, even if it says the same. */
  remove(delivered: readonly Selector[]): void {
    for (const selector of delivered) {
      if (this.#pending.get(idOf(selector)) === selector) this.#pending.delete(idOf(selector))
    }
  }
}

/** All keys with the same first segments as these selectors reach, or simply all keys. */
function widened(selectors: readonly Selector[]): readonly Selector[] {
  const groups = new Set<string>()
  for (const selector of selectors) {
    const group = groupOfSelector(selector)
    if (group === null) return everything()
    groups.add(group)
  }
  if (groups.size > MAX_SELECTORS / 2) return everything()
  return [...groups].flatMap((group) => [
    { kind: 'key', key: group },
    { kind: 'pattern', pattern: `${group}:*` },
  ])
}

function everything(): readonly Selector[] {
  return [{ kind: 'glob', glob: '*' }]
}

function idOf(selector: Selector): string {
  return JSON.stringify(selector)
}
