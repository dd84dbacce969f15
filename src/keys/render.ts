import { isApart } from './default-value.js'
import { escapeText, escapeValue, MAX_KEY_BYTES } from './escape-value.js'
import { SEGMENT_SEPARATOR, VARIANT_SEPARATOR } from './match-pattern.js'
import { ANY, type Part, type Placeholder, type Template } from './template.js'

/** Looks a placeholder's value up in a request, an event or an answer. */
export type ResolveValue = (placeholder: Placeholder) => unknown

/** A key, or why this request has none. */
export type RenderedKey =
  | { readonly ok: true; readonly key: string }
  | { readonly ok: false; readonly reason: string }

/**
 * Renders the key of one request.
 *
 * A placeholder without a value means that the request has no key: never `user:undefined`. A key of more
 * than 1,024 bytes is none either.
 */
export function renderKey(template: Template, resolveValue: ResolveValue): RenderedKey {
  let key = ''
  let separator = ''
  for (const parts of template.segments) {
    key += separator
    separator = SEGMENT_SEPARATOR
    for (const part of parts) {
      const text = typeof part === 'string' ? part : valueText(part, resolveValue)
      if (text === undefined) return { ok: false, reason: `no value for ${(part as Placeholder).text}` }
      key += text
    }
  }
  return limitKey(key)
}

/** The key, unless it is too long to be one. */
export function limitKey(key: string): RenderedKey {
  // Rendered keys are ASCII, so length is bytes.
  return key.length > MAX_KEY_BYTES
    ? { ok: false, reason: `key over ${MAX_KEY_BYTES} bytes` }
    : { ok: true, key }
}

/** So many spellings of one pattern are evicted one by one; of more, what they have in common is. */
const MOST_SPELLINGS = 8

/**
 * Renders a pattern for an eviction: one, or several that together are what it says.
 *
 * A segment with a placeholder that has no value widens to `*`: evicting too much is safe, evicting too little is not. So
 * does a default in the place of an absent value name both what is kept of absent values and what is kept of the value
 * that it says.
 */
export function renderPatterns(pattern: Template, resolveValue: ResolveValue): string[] {
  const segments = pattern.segments.map((segment) =>
    segment === ANY
      ? [ANY]
      : (joined(
          segment.map((part) => spellingsOf(part, resolveValue)),
          '',
        ) ?? [ANY]),
  )
  const patterns = joined(segments, SEGMENT_SEPARATOR)
  if (patterns) return patterns
  return [segments.map((texts) => (texts.length === 1 ? texts[0] : ANY)).join(SEGMENT_SEPARATOR)]
}

/** What a tag to evict comes to: the tag; or, where a placeholder has no value, what all tags before it begin with. */
export type RenderedTag =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'tags'; readonly prefix: string }

/** Renders a tag for an eviction. Without a value it widens to all that begin alike, as a pattern does. */
export function renderEvictedTags(template: Template, resolveValue: ResolveValue): RenderedTag[] {
  let texts = ['']
  for (const [nth, segment] of template.segments.entries()) {
    if (nth > 0) texts = texts.map((text) => text + SEGMENT_SEPARATOR)
    for (const part of segment) {
      const longer = joined([texts, spellingsOf(part, resolveValue)], '')
      if (longer === undefined) return texts.map((prefix) => ({ kind: 'tags', prefix }))
      texts = longer
    }
  }
  return texts.map((tag) => ({ kind: 'tag', tag }))
}

/** All texts that take one of each; `undefined` where one has no value, or there are too many. */
function joined(parts: readonly (readonly string[] | undefined)[], separator: string): string[] | undefined {
  let texts: string[] | undefined
  for (const spellings of parts) {
    if (spellings === undefined) return undefined
    texts = texts ? texts.flatMap((text) => spellings.map((next) => text + separator + next)) : [...spellings]
    if (texts.length > MOST_SPELLINGS) return undefined
  }
  return texts
}

/**
 * Adds the values of the headers an answer varies on (RFC 9110, section 12.5.5) to its key. A header that is
 * missing is told from one that is empty.
 */
export function withVariant(key: string, headers: ReadonlyMap<string, string | undefined>): string {
  if (headers.size === 0) return key
  const variant = [...headers].map(([name, value]) =>
    value === undefined ? name : `${name}=${escapeText(value)}`,
  )
  return key + VARIANT_SEPARATOR + variant.join('&')
}

function valueText(placeholder: Placeholder, resolveValue: ResolveValue): string | undefined {
  const value = escapeValue(resolveValue(placeholder))
  if (value.kind === 'text') return value.text
  return value.kind === 'absent' ? placeholder.fallback?.spelling : undefined
}

/** What a part may be in the keys that an eviction means; `undefined`: anything. */
function spellingsOf(part: Part, resolveValue: ResolveValue): readonly string[] | undefined {
  if (typeof part === 'string') return [part]
  const value = escapeValue(resolveValue(part))
  if (value.kind === 'text') return [value.text]
  if (value.kind === 'unusable' || !part.fallback) return undefined
  return isApart(part.fallback) ? [part.fallback.spelling, part.fallback.value] : [part.fallback.value]
}
