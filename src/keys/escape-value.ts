import { PATH_SEPARATOR, PathSegments } from './path-segments.js'

/** No key may be longer, in bytes; what would be is not cached. */
export const MAX_KEY_BYTES = 1_024

/**
 * A request's value as it stands in a key.
 *
 * - `text`: escaped, never empty.
 * - `absent`: there is no value, so a default may stand in.
 * - `unusable`: there is one that a key cannot say (an array, an object, an empty text). A default must not
 *   stand in for it, because the handler sees the difference.
 */
export type KeyValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable' }

const ABSENT: KeyValue = { kind: 'absent' }
const UNUSABLE: KeyValue = { kind: 'unusable' }
const SAFE = /^[A-Za-z0-9._~@-]+$/

/**
 * Turns a value into key text so that two different texts never give the same key text.
 *
 * Characters outside `A-Z a-z 0-9 . _ ~ @ -` become percent-encoded UTF-8 (RFC 3986, section 2.1). Nothing
 * is normalised: what differs by a byte differs in the key. A Date counts as its ISO 8601 text. The segments of a path
 * are told apart by a separator that no value gives.
 *
 * @example
 * escapeValue('a:b*') // { kind: 'text', text: 'a%3Ab%2A' }
 */
export function escapeValue(value: unknown): KeyValue {
  const text = textOf(value)
  if (text === undefined) {
    if (value instanceof PathSegments) return escapeSegments(value)
    return value === undefined || value === null ? ABSENT : UNUSABLE
  }
  if (text.length === 0 || text.length > MAX_KEY_BYTES) return UNUSABLE
  if (SAFE.test(text)) return { kind: 'text', text }
  // A lone surrogate has no UTF-8 form, and encodeURIComponent would throw on it.
  if (/\p{Surrogate}/u.test(text)) return UNUSABLE
  return { kind: 'text', text: escapeText(text) }
}

/** The same of any text, also of an empty or a long one. @throws URIError for a lone surrogate. */
export function escapeText(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, percent)
    .replaceAll('%40', '@')
}

function escapeSegments({ segments }: PathSegments): KeyValue {
  const length = segments.reduce((total, segment) => total + segment.length + 1, 0)
  if (length > MAX_KEY_BYTES || segments.some((segment) => /\p{Surrogate}/u.test(segment))) return UNUSABLE
  const text = segments.map(escapeText).join(PATH_SEPARATOR)
  return text === '' ? UNUSABLE : { kind: 'text', text }
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined
    default:
      return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined
  }
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
