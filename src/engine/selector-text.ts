import type { Selector } from '../stores/store.js'

/** A selector as people read it in log lines and events, which must not name whom nobody shall find any more. */
export function selectorText(selector: Selector): string {
  switch (selector.kind) {
    case 'key':
      return selector.key
    case 'pattern':
      return selector.pattern
    case 'glob':
      return selector.glob
    case 'tag':
      return `tag ${selector.tag}`
    case 'tags':
      return `tags ${selector.prefix}…`
    case 'naming':
      return 'keys that name what is forgotten'
    case 'tags-naming':
      return 'tags that name what is forgotten'
  }
}
