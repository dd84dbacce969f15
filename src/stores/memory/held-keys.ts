import type { KeyLimit, KeySelector } from '../store.js'
import { KeyTrie } from './key-trie.js'
import { KeysByPrefix } from './keys-by-prefix.js'

/** How many keys a lookup looks at when it finds a key limit reached. */
const SWEPT_AT_ONCE = 20

/** The keys that have a value or a lease, found by selectors and counted for key limits. */
export class HeldKeys {
  readonly #trie = new KeyTrie()
  /** By the prefixes of the key limits that lookups have named. */
  readonly #byPrefix = new KeysByPrefix(() => this.#trie.all())

  add(key: string): void {
    this.#trie.add(key)
    this.#byPrefix.add(key)
  }

  delete(key: string): void {
    this.#trie.delete(key)
    this.#byPrefix.delete(key)
  }

  withVariants(key: string): string[] {
    return this.#trie.withVariants(key)
  }

  covered(selector: KeySelector): string[] {
    return this.#trie.covered(selector)
  }

  startingWith(start: string): string[] {
    return this.#trie.startingWith(start)
  }

  /**
   * Whether the limit leaves no place for the key. A key that is held already takes none.
   * @param dropIfDead - Deletes the key here if its value and its lease are over.
   */
  isFull(key: string, { prefix, maxKeys }: KeyLimit, dropIfDead: (key: string) => void): boolean {
    const isFull = () => this.#byPrefix.count(prefix) >= maxKeys
    if (!isFull() || this.#byPrefix.has(prefix, key)) return false
    for (const held of this.#byPrefix.nextInTurn(prefix, SWEPT_AT_ONCE)) dropIfDead(held)
    return isFull()
  }
}
