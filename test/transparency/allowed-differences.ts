import { gunzipSync } from 'node:zlib'
import { headerOf, isInformational, type Message } from './http-stream.js'

/** What kind of answer is compared with the bare one. */
export type Kind = 'miss' | 'hit' | 'front hit' | 'held'

/** A difference that is no fault. `docs/reference/http.md` lists the same ones. */
interface AllowedDifference {
  readonly what: string
  readonly why: string
  readonly on: readonly Kind[]
  /** The only shapes that have it, where it is of their own making. @defaultValue all */
  readonly shapes?: RegExp
  /** Makes both the same in this, and in nothing else. */
  readonly forgive: (bare: Message, ours: Message) => void
}

const ANY: readonly Kind[] = ['miss', 'hit', 'front hit', 'held']
const READ: readonly Kind[] = ['miss', 'hit', 'front hit']
const HIT: readonly Kind[] = ['hit', 'front hit']

/** Of the connection, of the moment, of one request, of somebody's quota, or of one origin. */
const NOT_REPLAYED =
  /^(connection|keep-alive|proxy-connection|te|trailer|upgrade|authentication-info|proxy-.*|www-authenticate|server-timing|x-response-time|request-id|x-request-id|x-correlation-id|x-amzn-trace-id|traceparent|tracestate|retry-after|ratelimit.*|rate-limit.*|x-ratelimit.*|x-rate-limit.*|access-control-allow-(origin|credentials))$/i

/** What describes a body (RFC 9110, section 15.4.5). */
const OF_A_BODY = /^content-(encoding|language|length|range|type)$/i

export const ALLOWED_DIFFERENCES: readonly AllowedDifference[] = [
  {
    what: 'the value of Date',
    why: 'It is of the moment.',
    on: ANY,
    forgive: (...both) => {
      for (const message of both) replace(message, 'date', /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/, 'now')
    },
  },
  {
    what: 'X-Cache, Cache-Status',
    why: 'They say what the cache did (RFC 9211).',
    on: ANY,
    forgive: (bare, ours) => removeAdded(bare, ours, ['x-cache', 'cache-status']),
  },
  {
    what: 'an Age, and a Date where the handler had taken it away',
    why: 'A stored answer says how old it is, and when it was sent (RFC 9111, section 5.1; RFC 9110, section 6.6.1).',
    on: HIT,
    forgive: (bare, ours) => removeAdded(bare, ours, ['age', 'date']),
  },
  {
    what: 'an ETag',
    why: 'A stored answer can be asked for conditionally; one in pieces leaves before it has a tag, its hit has one.',
    on: READ,
    forgive: (bare, ours) => removeAdded(bare, ours, ['etag']),
  },
  {
    what: 'the reason phrase',
    why: 'It has no meaning (RFC 9112, section 4), and is not stored.',
    on: HIT,
    forgive: (...both) => {
      for (const message of both) message.statusLine = message.statusLine.slice(0, 'HTTP/1.1 200'.length)
    },
  },
  {
    what: 'no headers of a body on a 304',
    why: 'RFC 9110, section 15.4.5. Express leaves Content-Language.',
    on: READ,
    forgive: (bare, ours) => {
      if (![bare, ours].every(({ statusLine }) => statusLine.startsWith('HTTP/1.1 304'))) return
      bare.headers = bare.headers.filter(
        ([name]) => !OF_A_BODY.test(name) || headerOf(ours, name.toLowerCase()) !== undefined,
      )
    },
  },
  {
    what: 'no compression in front of what is short',
    why: 'Middleware in front is told the length of a stored answer, and compresses nothing that is short; of pieces it does not know the length.',
    on: HIT,
    forgive: (bare, ours) => {
      const isPacked = headerOf(bare, 'content-encoding') === 'gzip' && bare.framing === 'chunked'
      if (!isPacked || headerOf(ours, 'content-encoding') !== undefined) return
      bare.chunks = [gunzipSync(Buffer.concat(bare.chunks))]
      bare.headers = bare.headers.filter(([name]) => !/^content-encoding$/i.test(name))
    },
  },
  {
    what: 'what middleware in front does to texts alone',
    why: 'A stored answer passes middleware in front as bytes, whatever the handler gave.',
    on: HIT,
    shapes: /^hooks: write and end overridden, in front of /,
    forgive: (bare, ours) => {
      const [before, after] = [bare, ours].map(({ chunks }) => Buffer.concat(chunks).toString('latin1'))
      if (before === after?.toUpperCase()) ours.chunks = bare.chunks
    },
  },
  {
    what: 'how many chunks the pieces of one turn make',
    why: 'Node puts into one what is written before its next tick (since 24), and the handler runs in a microtask; serve-static in one of the file system, whenever that comes.',
    on: ['miss', 'held'],
    shapes: /^(write and end: a piece in each turn|middleware: serve-static, .* pieces)$/,
    forgive: (...both) => {
      if (both.some(({ framing }) => framing !== 'chunked')) return
      for (const message of both) message.chunks = [Buffer.concat(message.chunks)]
    },
  },
  {
    what: 'a Content-Length in place of pieces',
    why: 'What is stored or held whole has a length that is known.',
    on: ['hit', 'front hit', 'held'],
    forgive: unframe,
  },
  {
    what: 'the order of headers, and the case of their names',
    why: 'Neither has a meaning (RFC 9110, section 5); Node gives the headers of a response in lower case.',
    on: HIT,
    forgive: (...both) => {
      for (const message of both) {
        message.headers = message.headers
          .map(([name, value]): [string, string] => [name.toLowerCase(), value])
          .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      }
    },
  },
  {
    what: 'headers of the connection, of one request, of a quota, or of one origin',
    why: 'They are not of the answer, but of who was the first to get it.',
    on: HIT,
    forgive: (bare, ours) => {
      if (/close/i.test(headerOf(bare, 'connection') ?? '')) withoutConnection(ours)
      const names = bare.headers.map(([name]) => name).filter((name) => NOT_REPLAYED.test(name))
      bare.headers = bare.headers.filter(
        ([name]) => !names.includes(name) || headerOf(ours, name.toLowerCase()),
      )
      replace(bare, 'x-response-time', /^[\d.]+(ms)?$/, 'time')
      replace(ours, 'x-response-time', /^[\d.]+(ms)?$/, 'time')
    },
  },
  {
    what: 'the bytes of header values that are not ASCII',
    why: 'Node writes them as UTF-8 ahead of a text, and as Latin-1 ahead of bytes, of which a stored answer consists. In a Content-Disposition whose length it knows, Node makes U+FFFD of them, in Latin-1 FD.',
    on: HIT,
    forgive: (bare, ours) => {
      bare.headers = bare.headers.map(([name, value]) => [name, inLatin1(value)])
      const given = headerOf(ours, 'content-disposition')
      const isSpoilt = given?.replace(/[\x80-\xff]/g, '\xfd') === headerOf(bare, 'content-disposition')
      if (given && isSpoilt) replace(bare, 'content-disposition', /^.*$/, given)
    },
  },
  {
    what: 'trailers',
    why: 'They come with pieces, and a stored answer is sent in one.',
    on: HIT,
    forgive: (bare, ours) => {
      if (ours.trailers.length === 0) bare.trailers = []
    },
  },
  {
    what: 'the value of X-Response-Time',
    why: 'It is of the moment.',
    on: ANY,
    forgive: (...both) => {
      for (const message of both) replace(message, 'x-response-time', /^[\d.]+(ms)?$/, 'time')
    },
  },
  {
    what: 'the second in which a cookie or a quota ends',
    why: 'It is of the moment.',
    on: ANY,
    forgive: (...both) => {
      for (const message of both) {
        replace(message, 'set-cookie', /expires=\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT/i, 'expires=soon')
        replace(message, 'ratelimit-reset', /^\d+$/, 'soon')
        replace(message, 'x-ratelimit-reset', /^\d+$/, 'soon')
      }
    },
  },
]

function inLatin1(value: string): string {
  const text = Buffer.from(value, 'latin1').toString()
  return text.includes('\ufffd') ? value : text
}

/** A hit leaves the connection open, of which its miss had said that it closes. */
function withoutConnection(ours: Message): void {
  ours.headers = ours.headers.filter(([name]) => !/^(connection|keep-alive)$/i.test(name))
}

/** Answers before the answer (1xx) are the handler's, which does not run for a hit. */
export function withoutInformational(messages: readonly Message[]): Message[] {
  return messages.filter((message) => !isInformational(message))
}

function replace(message: Message, wanted: string, what: RegExp, by: string): void {
  message.headers = message.headers.map(([name, value]) => [
    name,
    name.toLowerCase() === wanted ? value.replace(what, by) : value,
  ])
}

function removeAdded(bare: Message, ours: Message, names: readonly string[]): void {
  const added = names.filter((name) => headerOf(bare, name) === undefined)
  ours.headers = ours.headers.filter(([name]) => !added.includes(name.toLowerCase()))
}

function unframe(bare: Message, ours: Message): void {
  if (bare.framing === 'none' || bare.framing === 'length' || ours.framing !== 'length' || !bare.isComplete)
    return
  for (const message of [bare, ours]) {
    message.headers = message.headers.filter(([name]) => !/^(transfer-encoding|content-length)$/i.test(name))
    message.framing = 'length'
    message.chunks = [Buffer.concat(message.chunks)].filter((chunk) => chunk.length > 0)
  }
}
