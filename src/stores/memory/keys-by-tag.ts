import { wordFinder } from '../../keys/named-words.js'
import type { TagSelector } from '../store.js'

/** The keys of entries by the tags that they carry. A tag goes with its last entry. */
export class KeysByTag {
  readonly #keys = new Map<string, Set<string>>()

  add(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keys.get(tag)
      if (keys) keys.add(key)
      else this.#keys.set(tag, new Set([key]))
    }
  }

  delete(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keys.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) this.#keys.delete(tag)
    }
  }

  of(tag: string): Iterable<string> {
    return this.#keys.get(tag) ?? []
  }

  /** Keys that carry what the selector names. Of several tags, it takes a look at all. */
  covered(selector: TagSelector): string[] {
    switch (selector.kind) {
      case 'tag':
        return [...this.of(selector.tag)]
      case 'tags':
        return this.#under((tag) => tag.startsWith(selector.prefix))
      case 'tags-naming':
        return this.#under(wordFinder(selector.words))
    }
  }

  #under(isCovered: (tag: string) => boolean): string[] {
    return [...this.#keys].flatMap(([tag, keys]) => (isCovered(tag) ? [...keys] : []))
  }

  clear(): void {
    this.#keys.clear()
  }
}
