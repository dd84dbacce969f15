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

const ENVELOPE_START = Buffer.from('HTTP/1.1 ')
/** Not a header of the answer: how its body is kept. */
const ENCODING_LINE = 'encoding-at-rest: br'
const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * The bytes to store for a representation.
 *
 * A JSON 200 without headers of its own is stored as its JSON text, so that others can read it under the key.
 * All else is stored as the HTTP message it is (RFC 9112, section 2.1), which no JSON text can begin like.
 */
export function encodeRepresentation(representation: Representation): Buffer {
  const { status, headers, body, encoding } = representation
  const names = Object.keys(headers)
  if (
    encoding === undefined &&
    status === 200 &&
    names.length === 1 &&
    headers['content-type'] === JSON_TYPE &&
    looksLikeJson(body)
  ) {
    return body
  }
  const lines = names.flatMap((name) => [headers[name] ?? []].flat().map((value) => `${name}: ${value}`))
  // Header values are ISO 8859-1 on the wire (RFC 9110, section 5.5).
  const own = encoding === undefined ? [] : [ENCODING_LINE]
  const head = [`HTTP/1.1 ${status}`, ...own, ...lines].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), HEAD_END, body])
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

/** The representation that stored bytes stand for, or `null` if they are neither JSON nor such a message. */
export function decodeRepresentation(value: Buffer): Representation | null {
  if (looksLikeJson(value)) return { status: 200, headers: { 'content-type': JSON_TYPE }, body: value }
  if (!value.subarray(0, ENVELOPE_START.length).equals(ENVELOPE_START)) return null
  const headEnd = value.indexOf(HEAD_END)
  if (headEnd === -1) return null
  const [statusLine = '', ...lines] = value.subarray(0, headEnd).toString('latin1').split('\r\n')
  const status = Number(statusLine.slice(ENVELOPE_START.length))
  if (!Number.isInteger(status) || status < 200 || status > 599) return null
  const headers: Record<string, string | string[]> = {}
  const encoding = lines[0] === ENCODING_LINE ? 'br' : undefined
  if (encoding) lines.shift()
  for (const line of lines) {
    const colon = line.indexOf(': ')
    if (colon < 1) return null
    const name = line.slice(0, colon)
    const field = line.slice(colon + 2)
    headers[name] = Object.hasOwn(headers, name) ? [headers[name] ?? [], field].flat() : field
  }
  const body = value.subarray(headEnd + HEAD_END.length)
  return encoding ? { status, headers, body, encoding } : { status, headers, body }
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

/**
 * Tells JSON text from anything else by its ends, without parsing: what is in the store was JSON when it was
 * stored, and this only has to notice that another program has put other bytes there.
 */
function looksLikeJson(bytes: Buffer): boolean {
  const text = bytes.length <= 64 ? bytes.toString('latin1').trim() : undefined
  if (text !== undefined && /^(true|false|null|-?\d[\d.eE+-]*)$/.test(text)) return true
  const first = bytes[0]
  const last = bytes[bytes.length - 1]
  if (bytes.length < 2) return false
  return (
    (first === 0x7b && last === 0x7d) ||
    (first === 0x5b && last === 0x5d) ||
    (first === 0x22 && last === 0x22)
  )
}
