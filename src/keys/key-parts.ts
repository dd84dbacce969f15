import { escapeValue } from './escape-value.js'
import { SEGMENT_SEPARATOR } from './match-pattern.js'
import { limitKey, type RenderedKey } from './render.js'

/**
 * The key that is made of parts, each a segment and escaped as the values of a template are. A part without a value means
 * that there is no key.
 *
 * @param prefix - Text in front, as it is.
 * @example
 * joinParts('', ['feed', 7, 'a:b']) // { ok: true, key: 'feed:7:a%3Ab' }
 */
export function joinParts(prefix: string, parts: readonly unknown[]): RenderedKey {
  const texts: string[] = []
  for (const [nth, part] of parts.entries()) {
    const value = escapeValue(part)
    if (value.kind !== 'text') return { ok: false, reason: `no value for part ${nth + 1} of the key` }
    texts.push(value.text)
  }
  if (texts.length === 0) return { ok: false, reason: 'no parts of a key' }
  return limitKey(prefix + texts.join(SEGMENT_SEPARATOR))
}
