import { groupOfSelector } from '../stores/group-of-selector.js'
import type { KeySelector, Selector } from '../stores/store.js'
import { isTagSelector } from '../stores/tag-selectors.js'

/** Beyond this many, evicting all keys of a kind costs less than remembering each. */
const MAX_SELECTORS = 10_000
/** Each search of a group's keys looks at all of them. Beyond this many, the group itself goes: one look, and done. */
const MAX_SEARCHES_OF_GROUP = 20

/** A bounded list of evictions that are still to be delivered, each once, the oldest first. */
export class EvictionJournal {
  #pending = new Map<string, Selector>()
  /** How many searches of each group are pending; `null`: of all groups. */
  readonly #searches = new Map<string | null, number>()

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
    for (const selector of selectors) this.#add(selector)
    // Widened, never dropped. New objects each time, so that `remove` tells them from earlier ones.
    if (this.#pending.size > MAX_SELECTORS) this.#replace(widened(this.list()))
  }

  /** Strikes out what was delivered; what was added meanwhile stays, even if it says the same. */
  remove(delivered: readonly Selector[]): void {
    for (const selector of delivered) {
      if (this.#pending.get(idOf(selector)) === selector) this.#delete(selector)
    }
  }

  /** Replaces what cannot be delivered by what covers it: all of its groups; what is such already, by everything. */
  widen(selectors: readonly Selector[]): void {
    const wider = widened(selectors)
    const known = new Set(selectors.map(idOf))
    const isNoWider = wider.every((selector) => known.has(idOf(selector)))
    this.remove(selectors)
    this.add(isNoWider ? everything() : wider)
  }

  #add(selector: Selector): void {
    const id = idOf(selector)
    if (isSearch(selector) && !this.#pending.has(id)) {
      const group = groupOfSelector(selector)
      const count = (this.#searches.get(group) ?? 0) + 1
      this.#searches.set(group, count)
      if (count > MAX_SEARCHES_OF_GROUP) {
        this.#coalesce(group)
        return
      }
    }
    this.#pending.set(id, selector)
  }

  #coalesce(group: string | null): void {
    const others = this.list().filter(
      (selector) => isTagSelector(selector) || groupOfSelector(selector) !== group,
    )
    this.#replace(group === null ? everything() : [...others, ...allOf(group)])
  }

  #replace(selectors: readonly Selector[]): void {
    this.#pending = new Map()
    this.#searches.clear()
    for (const selector of selectors) this.#add(selector)
  }

  #delete(selector: Selector): void {
    this.#pending.delete(idOf(selector))
    if (!isSearch(selector)) return
    const group = groupOfSelector(selector)
    const count = this.#searches.get(group) ?? 0
    if (count > 1) this.#searches.set(group, count - 1)
    else this.#searches.delete(group)
  }
}

/** What looks at all keys of a group. */
function isSearch(selector: Selector): selector is Exclude<KeySelector, { kind: 'key' }> {
  return selector.kind === 'pattern' || selector.kind === 'glob' || selector.kind === 'naming'
}

/** All keys with the same first segments as these selectors reach, or simply all keys. */
function widened(selectors: readonly Selector[]): readonly Selector[] {
  const groups = new Set<string>()
  for (const selector of selectors) {
    const group = isTagSelector(selector) ? null : groupOfSelector(selector)
    if (group === null) return everything()
    groups.add(group)
  }
  if (groups.size > MAX_SELECTORS / 2) return everything()
  return [...groups].flatMap(allOf)
}

function allOf(group: string): readonly Selector[] {
  return [
    { kind: 'key', key: group },
    { kind: 'pattern', pattern: `${group}:*` },
  ]
}

function everything(): readonly Selector[] {
  return [{ kind: 'glob', glob: '*' }]
}

function idOf(selector: Selector): string {
  return JSON.stringify(selector)
}
