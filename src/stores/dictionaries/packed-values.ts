import type { Lookup, StoredValue } from '../store.js'
import { dictionaryIn, unpacked } from './dictionary.js'
import { KnownDictionaries } from './known-dictionaries.js'
import { type PackedRule, RuleDictionary } from './rule-dictionary.js'
import type { Shelf } from './shelf.js'

/**
 * Values of a remote store that are packed there, with a dictionary for each rule, and are as they were everywhere else.
 *
 * A value whose dictionary is lost stays packed: whoever reads it finds that it is nothing the cache has stored.
 */
export class PackedValues {
  readonly #shelf: Shelf
  readonly #known: KnownDictionaries
  readonly #rules = new Map<string, RuleDictionary>()

  constructor(shelf: Shelf) {
    this.#shelf = shelf
    this.#known = new KnownDictionaries(shelf)
  }

  /** A value as it is to be stored. Nobody waits for a dictionary: until there is one, that is the value as it is. */
  pack(rule: PackedRule, key: string, value: Buffer, ttlMs: number): Buffer {
    const dictionary = this.#rules.get(rule.name) ?? new RuleDictionary(rule, this.#known, this.#shelf)
    this.#rules.set(rule.name, dictionary)
    return dictionary.pack(key, value, ttlMs)
  }

  /** What has been found, unpacked; at once, unless its dictionary has to be fetched. */
  unpack<Found extends StoredValue>(found: Found): Found | Promise<Found> {
    const id = dictionaryIn(found.value)
    if (id === undefined) return found
    const known = this.#known.atHand(id)
    if (known) return { ...found, value: unpacked(found.value, known) ?? found.value }
    return this.#known.find(id).then((dictionary) => {
      return dictionary ? { ...found, value: unpacked(found.value, dictionary) ?? found.value } : found
    })
  }

  /** The same of a lookup. A stale value that cannot be unpacked is none, so that its lease is of use all the same. */
  unpackLookup(lookup: Lookup): Lookup | Promise<Lookup> {
    if (lookup.kind === 'hit') return this.unpack(lookup)
    if ((lookup.kind !== 'lease' && lookup.kind !== 'busy') || lookup.stale === null) return lookup
    if (dictionaryIn(lookup.stale.value) === undefined) return lookup
    return this.#withStale(lookup, lookup.stale)
  }

  /** Drops answers that dictionaries are learned from, and the dictionaries that a test finds. */
  async forget(isMeant: (text: string) => boolean): Promise<void> {
    const forgetting = this.#known.forget(isMeant)
    for (const rule of this.#rules.values()) rule.forget()
    await forgetting
  }

  async #withStale<Found extends Lookup>(lookup: Found, stale: StoredValue): Promise<Found> {
    try {
      const plain = await this.unpack(stale)
      return { ...lookup, stale: dictionaryIn(plain.value) === undefined ? plain : null }
    } catch {
      return { ...lookup, stale: null }
    }
  }
}
