/** What stands for all names beyond those. */
const OTHERS = 'others'

/** Keeps the number of values of one label small, whatever is to be counted. */
export class BoundedNames {
  readonly #known = new Set<string>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  of(name: string): string {
    if (this.#known.has(name)) return name
    if (this.#known.size >= this.#most) return OTHERS
    this.#known.add(name)
    return name
  }
}
