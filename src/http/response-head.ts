import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { weakened } from './at-rest.js'
import { ownValue } from './field-values.js'
import type { Representation } from './representation.js'

/** Headers by their names: a stored answer's own in lower case, those made anew as they are written. */
export type Head = Readonly<OutgoingHttpHeaders>

/** What the head of a stored answer says beside what was stored. */
export interface HeadOptions {
  /** Whether the body is sent as it was kept. */
  readonly isEncoded: boolean
  readonly bodyBytes: number
  /** The `ETag` of the plain body. */
  readonly etag: OutgoingHttpHeader | undefined
  /** What `Age` is to say, if not what the handler said. */
  readonly age?: number | undefined
}

/**
 * Builds the head of a stored answer: the only place that knows of what a hit's head is made, whichever way it goes.
 *
 * It says what is made anew once, even if a stored head has a header of that name.
 */
export function headOf(
  { status, headers, encoding }: Representation,
  { isEncoded, bodyBytes, etag, age }: HeadOptions,
): Head {
  const head: OutgoingHttpHeaders = {}
  for (const name in headers) {
    const isMadeAnew =
      name === 'etag' ||
      name === 'content-length' ||
      (name === 'age' && age !== undefined) ||
      (name === 'content-encoding' && isEncoded)
    if (!isMadeAnew) head[name] = ownValue(headers[name])
  }
  if (etag !== undefined) head.ETag = isEncoded ? weakened(String(etag)) : etag
  if (isEncoded) head['Content-Encoding'] = encoding
  // Node makes texts of numbers again for each of its looks.
  if (age !== undefined) head.Age = String(age)
  // RFC 9110, section 8.6: 204 has none.
  if (status !== 204) head['Content-Length'] = String(bodyBytes)
  return head
}

/** A head for who may change it: what others have put on `writeHead` gets the object that it is called with. */
export function ownHead(head: Head): OutgoingHttpHeaders {
  const own: OutgoingHttpHeaders = {}
  for (const name in head) own[name] = ownValue(head[name])
  return own
}

/** What describes a body, which a 304 has not (RFC 9110, section 15.4.5). */
export const OF_A_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'transfer-encoding',
])

/** The head of a 304 for an answer with this head. */
export function headOfUnmodified(head: Head): Head {
  return Object.fromEntries(
    Object.entries(ownHead(head)).filter(([name]) => !OF_A_BODY.has(name.toLowerCase())),
  )
}
