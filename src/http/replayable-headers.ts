import type { OutgoingHttpHeaders } from 'node:http'
import { textOf, tokensOf } from './field-values.js'

/** Headers that belong to one response, not to what it represents: they are made anew or not at all. */
const OWN_TO_ONE_RESPONSE: ReadonlySet<string> = new Set([
  // RFC 9110, section 7.6.1: of the connection.
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // RFC 9111, section 3.1: of the exchange with a proxy, or of who is asking.
  'authentication-info',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'set-cookie',
  'www-authenticate',
  // Of the moment: RFC 9110, section 6.6.1, RFC 9211, RFC 9651, Server-Timing. `Age` is kept: a hit adds to it.
  'cache-status',
  'content-length',
  'date',
  'server-timing',
  'x-cache',
  'x-response-time',
  // Of one request: its name in logs and traces, and what is left of one client's quota.
  'request-id',
  'retry-after',
  'traceparent',
  'tracestate',
  'x-amzn-trace-id',
  'x-correlation-id',
  'x-request-id',
])

/** `RateLimit`, `RateLimit-Policy`, `X-RateLimit-Remaining` and their like. */
const QUOTA = /^(x-)?rate-?limit(-|$)/

/** Fetch standard, CORS protocol: these answer one origin unless the value is `*`. */
const CORS = /^access-control-allow-(origin|credentials)$/

/** RFC 9110, section 8: these say what the body is, and are kept with it, whoever set them. */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'etag',
  'last-modified',
])

/** Whether a header, named in lower case, belongs to one response alone. */
export function isOwnToOneResponse(name: string): boolean {
  return OWN_TO_ONE_RESPONSE.has(name) || QUOTA.test(name)
}

/** Whether it is an answer of CORS to one origin. */
export function isForOneOrigin(name: string, value: unknown): boolean {
  return CORS.test(name) && value !== '*'
}

/**
 * The headers to store with an answer: those that the route set, and those that say what its body is. What else
 * middleware had set before it is not the answer's, and is set again for each hit, because that middleware runs again.
 *
 * @param leftOut - The name of one that is made anew.
 */
export function replayableHeaders(
  now: Readonly<OutgoingHttpHeaders>,
  before: Readonly<OutgoingHttpHeaders>,
  leftOut?: string,
): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  // RFC 9110, section 7.6.1: headers that `Connection` names are the connection's too.
  const ofConnection = tokensOf(now.connection)
  for (const name of Object.keys(now)) {
    const value = now[name]
    if (value === undefined || name === leftOut) continue
    const isOfBefore = before[name] !== undefined && String(value) === String(before[name])
    if (isOfBefore && !OF_THE_BODY.has(name)) continue
    if (isOwnToOneResponse(name) || ofConnection.includes(name) || isForOneOrigin(name, value)) continue
    kept[name] = Array.isArray(value) ? value : String(value)
  }
  return kept
}

/** Names of the headers that middleware had set before the route and the route took away. */
export function removedHeaders(
  now: Readonly<OutgoingHttpHeaders>,
  before: Readonly<OutgoingHttpHeaders>,
): readonly string[] {
  return Object.keys(before).filter(
    (name) => before[name] !== undefined && now[name] === undefined && !MADE_FOR_EACH.has(name),
  )
}

/** The cache and Node see to these, whatever the route has done. */
const MADE_FOR_EACH: ReadonlySet<string> = new Set(['cache-status', 'content-length', 'vary', 'x-cache'])

/**
 * What middleware had said before the route in headers that the route made longer and that are replayed. Each hit has
 * something of its own there, such as a nonce, and what was added cannot be told apart from what was there.
 */
export function builtOn(
  replayed: Readonly<OutgoingHttpHeaders>,
  before: Readonly<OutgoingHttpHeaders>,
): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {}
  for (const name of Object.keys(replayed)) {
    if (before[name] === undefined || MADE_FOR_EACH.has(name) || OF_THE_BODY.has(name)) continue
    const part = textOf(before[name])
    if (part !== '' && textOf(replayed[name]).includes(part)) parts[name] = part
  }
  return parts
}
