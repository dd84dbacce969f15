/** Numbers that look random and are the same again for the same seeds (mulberry32). */
export class Random {
  #state = 0

  constructor(...seeds: readonly number[]) {
    for (const seed of seeds) this.#state = Math.floor((this.next() * 2 ** 32) ^ seed)
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, at least 0 and less than `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  /** A whole number, at least `least` and less than `most`. */
  between({ least, most }: { readonly least: number; readonly most: number }): number {
    return least + this.below(most - least)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }
}
