import type { KeySelector, Selector, TagSelector } from './store.js'

export function isTagSelector(selector: Selector): selector is TagSelector {
  return selector.kind === 'tag' || selector.kind === 'tags' || selector.kind === 'tags-naming'
}

export function isKeySelector(selector: Selector): selector is KeySelector {
  return !isTagSelector(selector)
}
