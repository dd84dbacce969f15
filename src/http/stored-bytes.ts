import { isJsonText, mayBeJsonText } from './json-text.js'
import { JSON_TYPE, type Representation } from './representation.js'
import { decodeMessage, encodeMessage } from './stored-message.js'

/**
 * The bytes to store for a representation.
 *
 * A JSON 200 without headers of its own is stored as its JSON text, so that others can read it under the key.
 * All else is stored as the HTTP message it is, which no JSON text can begin like.
 *
 * @param isMadeJson - Whether the body is known to be JSON text. Should it be none all the same, whoever reads it drops it.
 */
export function encodeRepresentation(representation: Representation, isMadeJson = false): Buffer {
  const { status, headers, body, encoding, removedHeaders = [], builtOn = {} } = representation
  const isBare =
    encoding === undefined &&
    status === 200 &&
    headers['content-type'] === JSON_TYPE &&
    Object.keys(headers).length === 1 &&
    removedHeaders.length === 0 &&
    Object.keys(builtOn).length === 0 &&
    (isMadeJson ? mayBeJsonText(body) : isJsonText(body))
  return isBare ? body : encodeMessage(representation)
}

/** The bytes to store for a JSON 200 as `res.json()` gives it. */
export function encodeJson(body: Buffer): Buffer {
  return encodeRepresentation({ status: 200, headers: { 'content-type': JSON_TYPE }, body })
}

const DECODED = new WeakMap<Buffer, Representation>()

/** `decodeRepresentation`, once for bytes that this process keeps and does not change. */
export function decodeOnce(kept: Buffer): Representation | null {
  const known = DECODED.get(kept)
  if (known) return known
  const representation = decodeRepresentation(kept)
  if (representation) DECODED.set(kept, representation)
  return representation
}

/**
 * The representation that stored bytes stand for, or `null` if they are nothing that `encodeRepresentation` writes.
 *
 * It looks at all of them, which takes time: see `decodeOnce` and `RecentAnswers`.
 */
export function decodeRepresentation(value: Buffer): Representation | null {
  if (isJsonText(value)) return { status: 200, headers: { 'content-type': JSON_TYPE }, body: value }
  return decodeMessage(value)
}
