import { LRUCache } from 'lru-cache'
import { realTime } from '../../tools/real-time.js'
import { type Dictionary, dictionaryOf } from './dictionary.js'
import type { Shelf } from './shelf.js'

/** A rule has one or two, of 4 KiB at most. */
const MOST_KNOWN = 128
const LOST_FOR_MS = 1_000

/** The dictionaries that this process has at hand, and the way to the others. */
export class KnownDictionaries {
  readonly #shelf: Shelf
  readonly #known = new LRUCache<string, Dictionary>({ max: MOST_KNOWN })
  /** Those that were not there a moment ago: many values may be packed with one. */
  readonly #lost = new LRUCache<string, true>({
    ...{ max: MOST_KNOWN, ttl: LOST_FOR_MS, ttlResolution: 0 },
    perf: { now: () => realTime.now() },
  })
  readonly #asked = new Map<string, Promise<Dictionary | null>>()

  constructor(shelf: Shelf) {
    this.#shelf = shelf
  }

  atHand(id: string): Dictionary | undefined {
    return this.#known.get(id)
  }

  add(dictionary: Dictionary): void {
    this.#lost.delete(dictionary.id)
    this.#known.set(dictionary.id, dictionary)
  }

  /** A dictionary by its id; `null`, if it is lost. Those who ask at the same time ask once. */
  find(id: string): Promise<Dictionary | null> {
    const known = this.#known.get(id)
    if (known || this.#lost.has(id)) return Promise.resolve(known ?? null)
    const asked = this.#asked.get(id) ?? this.#ask(id).finally(() => this.#asked.delete(id))
    this.#asked.set(id, asked)
    return asked
  }

  /** Drops what a test finds, here and for the others. */
  async forget(isMeant: (text: string) => boolean): Promise<void> {
    const meant = [...this.#known.values()].filter(({ bytes }) => isMeant(bytes.toString()))
    for (const { id } of meant) this.#known.delete(id)
    await Promise.all(meant.map(({ id }) => this.#shelf.drop(id)))
  }

  async #ask(id: string): Promise<Dictionary | null> {
    const bytes = await this.#shelf.find(id)
    const dictionary = bytes && dictionaryOf(bytes)
    // Whatever else lies there has not been put there by us.
    if (dictionary?.id === id) {
      this.add(dictionary)
      return dictionary
    }
    this.#lost.set(id, true)
    return null
  }
}
