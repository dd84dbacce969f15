import { escapeText } from './escape-value.js'

/** What may stand before a word: its beginning, no letter and no digit, or a character that was escaped, be it twice. */
const BEFORE = '(?:^|[^a-z0-9]|%[25]*[0-9a-f]{2})'
const AFTER = '(?![a-z0-9])'

/**
 * The ways in which a value stands in keys and tags: escaped as in a rule's; as it is, where somebody has put it there by
 * hand; and as a browser escapes it in a URL, which is escaped once more in a key with `{url}`.
 *
 * @throws URIError for half a character.
 * @example
 * wordsOf('a b') // ['a%20b', 'a b', 'a%2520b']
 */
export function wordsOf(value: string): readonly string[] {
  return [...new Set([escapeText(value), value, escapeText(encodeURIComponent(value))].map(lowered))]
}

/**
 * Says whether one of some words stands by itself in a key or a tag, in capitals or not: `42` does in `user:42`, `user-42`,
 * `users#42` and `page:%2Fusers%2F42`, and not in `user:142`. The stores of Redis decide the same in `named-words.lua`.
 */
export function wordFinder(words: readonly string[]): (text: string) => boolean {
  if (words.length === 0) return () => false
  const alternatives = words.map((word) => lowered(word).replace(/[^a-z0-9]/g, '\\$&')).join('|')
  const pattern = new RegExp(`${BEFORE}(?:${alternatives})${AFTER}`)
  return (text) => pattern.test(lowered(text))
}

/** As `string.lower` of Lua does it, which knows bytes. */
export function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
