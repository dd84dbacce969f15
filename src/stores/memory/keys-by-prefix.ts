/**
 * Keys by prefix, for those prefixes that a caller has named: counting them costs nothing, and a key that comes or
 * goes costs one comparison for each prefix. The first call that names a prefix looks at all keys.
 */
export class KeysByPrefix {
  readonly #sets = new Map<string, Set<string>>()
  readonly #all: () => readonly string[]

  /** @param all - Every key there is, at the moment it is called. */
  constructor(all: () => readonly string[]) {
    this.#all = all
  }

  add(key: string): void {
    for (const [prefix, keys] of this.#sets) if (key.startsWith(prefix)) keys.add(key)
  }

  delete(key: string): void {
    for (const keys of this.#sets.values()) keys.delete(key)
  }

  has(prefix: string, key: string): boolean {
    return this.#under(prefix).has(key)
  }

  count(prefix: string): number {
    return this.#under(prefix).size
  }

  /** Gives other keys with each call, until all have had their turn. */
  nextInTurn(prefix: string, count: number): string[] {
    const keys = this.#under(prefix)
    const next: string[] = []
    for (const key of keys) {
      if (next.length >= count) break
      next.push(key)
    }
    for (const key of next) {
      keys.delete(key)
      keys.add(key)
    }
    return next
  }

  #under(prefix: string): Set<string> {
    let keys = this.#sets.get(prefix)
    if (keys === undefined) {
      keys = new Set(this.#all().filter((key) => key.startsWith(prefix)))
      this.#sets.set(prefix, keys)
    }
    return keys
  }
}
