import { isForOneOrigin, isOwnToOneResponse } from './replayable-headers.js'
import type { Representation } from './representation.js'
import { refusalOfHead } from './storability.js'

const START = Buffer.from('HTTP/1.1 ')
const HEAD_END = Buffer.from('\r\n\r\n')
/** What is ours stands where a reason phrase would: no header of an answer can spell it. */
const STATUS_LINE = /^HTTP\/1\.1 ([2-5]\d\d)( br)?$/
/** RFC 9110, sections 5.1 and 5.5, with names as Node gives them: in lower case. */
const FIELD = /^([!#$%&'*+\-.^_`|~0-9a-z]+): ([\t\x20-\x7e\x80-\xff]*)$/

/** A line about a header, which is none itself: no header's name begins so, so no answer can spell it. */
const NOTE = /^:(removed|built-on) ([!#$%&'*+\-.^_`|~0-9a-z]+): ([\t\x20-\x7e\x80-\xff]*)$/

/** An answer as the HTTP message that it is (RFC 9112, section 2.1), with notes of ours in its head. */
export function encodeMessage(answer: Representation): Buffer {
  const { status, headers, body, encoding, removedHeaders = [], builtOn = {} } = answer
  const statusLine = encoding === undefined ? `HTTP/1.1 ${status}` : `HTTP/1.1 ${status} ${encoding}`
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  )
  for (const name of removedHeaders) fields.push(`:removed ${name}: `)
  for (const [name, value] of Object.entries(builtOn)) fields.push(`:built-on ${name}: ${value}`)
  // Header values are ISO 8859-1 on the wire (RFC 9110, section 5.5).
  return Buffer.concat([Buffer.from([statusLine, ...fields].join('\r\n'), 'latin1'), HEAD_END, body])
}

/**
 * The answer in a message that `encodeMessage` can have written, with a head that may be stored; else `null`.
 *
 * Whoever can write into the store could otherwise give every client a cookie, or end a process by a header that
 * Node refuses to send. What is in the body of one that is kept compressed shows only when it is unpacked.
 */
export function decodeMessage(bytes: Buffer): Representation | null {
  if (!bytes.subarray(0, START.length).equals(START)) return null
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1) return null
  const [statusLine = '', ...fields] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const [, status, encoding] = STATUS_LINE.exec(statusLine) ?? []
  // RFC 9110, section 15.4.5: it says that another answer is still good, and is none itself.
  if (status === undefined || status === '304') return null
  const at = fields.findIndex((field) => field.startsWith(':'))
  const headers = headersIn(at === -1 ? fields : fields.slice(0, at))
  const notes = notesIn(at === -1 ? [] : fields.slice(at))
  if (headers === null || notes === null || refusalOfHead(headers) !== undefined) return null
  const answer = {
    status: Number(status),
    headers,
    body: bytes.subarray(headEnd + HEAD_END.length),
    ...notes,
  }
  return encoding === undefined ? answer : { ...answer, encoding: 'br' }
}

function headersIn(fields: readonly string[]): Record<string, string | string[]> | null {
  const headers: Record<string, string | string[]> = {}
  for (const field of fields) {
    const [, name, value] = FIELD.exec(field) ?? []
    // Assigning to `__proto__` makes no header.
    if (name === undefined || value === undefined || name === '__proto__') return null
    if (isOwnToOneResponse(name) || isForOneOrigin(name, value)) return null
    headers[name] = Object.hasOwn(headers, name) ? [headers[name] ?? [], value].flat() : value
  }
  return headers
}

/** In the order in which they are written, each once. */
function notesIn(notes: readonly string[]): Pick<Representation, 'removedHeaders' | 'builtOn'> | null {
  if (notes.length === 0) return {}
  const removedHeaders: string[] = []
  const builtOn: Record<string, string> = {}
  for (const note of notes) {
    const [, kind, name, value] = NOTE.exec(note) ?? []
    if (name === undefined || value === undefined || name === '__proto__') return null
    if (kind === 'built-on' && !Object.hasOwn(builtOn, name)) builtOn[name] = value
    else if (kind === 'removed' && value === '' && Object.keys(builtOn).length === 0)
      removedHeaders.push(name)
    else return null
  }
  return { removedHeaders, builtOn }
}
