import type { RuleLabel } from './cache-event.js'

/** One thing for each rule, by what the rule says of itself: so a controller that is mounted twice has one of it. */
export class ByRule<Kept> {
  readonly #make: (label: RuleLabel) => Kept
  readonly #byId = new Map<string, Kept>()
  /** The same, so that no request has to put the two texts together. */
  readonly #byLabel = new WeakMap<RuleLabel, Kept>()

  constructor(make: (label: RuleLabel) => Kept) {
    this.#make = make
  }

  of(label: RuleLabel): Kept {
    const known = this.#byLabel.get(label)
    if (known) return known
    const id = `${label.where} ${label.key}`
    const kept = this.#byId.get(id) ?? this.#make(label)
    this.#byId.set(id, kept)
    this.#byLabel.set(label, kept)
    return kept
  }

  list(): readonly Kept[] {
    return [...this.#byId.values()]
  }
}
