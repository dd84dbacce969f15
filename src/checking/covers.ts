import { globMatcher } from '../keys/glob.js'
import { matchesPattern, withoutVariant } from '../keys/match-pattern.js'
import { wordFinder } from '../keys/named-words.js'
import type { Selector, TaggedEntry } from '../stores/store.js'

/** Whether an eviction removes an entry, as far as its key and the tags say so that are known of it. */
export function covers(selector: Selector, { key, tags }: Pick<TaggedEntry, 'key' | 'tags'>): boolean {
  switch (selector.kind) {
    case 'key':
      return withoutVariant(key) === selector.key
    case 'pattern':
      return matchesPattern(selector.pattern, key)
    case 'glob': {
      const matches = globMatcher(selector.glob)
      return matches(key) || matches(withoutVariant(key))
    }
    case 'naming':
      return wordFinder(selector.words)(key)
    case 'tag':
      return tags.includes(selector.tag)
    case 'tags':
      return tags.some((tag) => tag.startsWith(selector.prefix))
    case 'tags-naming':
      return tags.some(wordFinder(selector.words))
  }
}
