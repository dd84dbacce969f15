import { isJsonText } from './json-text.js'
import { decodeMessage, encodeMessage } from './stored-message.js'

/** What a response says, without what belongs to one request. Header names are in lower case. */
export interface Representation {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
  /** How the body is kept, where the rule wants that; it is sent so to those who take it. */
  readonly encoding?: 'br' | undefined
  /** Once it has been made. */
  tag?: Tag | undefined
}

/** The `ETag` that a function of an application has made of a body. */
export interface Tag {
  readonly by: unknown
  readonly etag: string | undefined
}

/** What Express gives `res.json()`. A value in the store that is bare JSON text means this and status 200. */
export const JSON_TYPE = 'application/json; charset=utf-8'

/**
 * The bytes to store for a representation.
 *
 * A JSON 200 without headers of its own is stored as its JSON text, so that others can read it under the key.
 * All else is stored as the HTTP message it is, which no JSON text can begin like.
 */
export function encodeRepresentation(representation: Representation): Buffer {
  const { status, headers, body, encoding } = representation
  const isBare =
    encoding === undefined &&
    status === 200 &&
    headers['content-type'] === JSON_TYPE &&
    Object.keys(headers).length === 1 &&
    isJsonText(body)
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

/** Whether a `Content-Type` is JSON or built on it (RFC 6839, section 3.1). */
export function isJson(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^application\/(.+\+)?json\b/i.test(contentType)
}

/** The parsed body of a JSON answer; `undefined` if it is none. */
export function parsedJson(contentType: unknown, body: Buffer | null): unknown {
  if (body === null || !isJson(contentType)) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
