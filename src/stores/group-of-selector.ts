import { literalPrefixOfGlob } from '../keys/glob.js'
import { groupOf, type KeySelector } from './store.js'

/** The one group whose keys a selector can reach, or null if it may reach keys of any group. */
export function groupOfSelector(selector: KeySelector): string | null {
  switch (selector.kind) {
    case 'key':
      return groupOf(selector.key)
    case 'pattern': {
      const group = groupOf(selector.pattern)
      return group === '*' ? null : group
    }
    case 'glob': {
      const { text, whole } = literalPrefixOfGlob(selector.glob)
      const group = groupOf(text)
      // `user*` begins with half a segment: it reaches `users` too.
      return whole || group.length < text.length ? group : null
    }
    case 'naming':
      return null
  }
}
