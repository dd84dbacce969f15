import { lifetimeMsOf, parseCacheControl } from './cache-control.js'
import { tokensOf } from './field-values.js'
import { setsCookie } from './set-cookie.js'

/** A response, as far as it decides about storing. Header names are in lower case. */
export interface ResponseFacts {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** `undefined` as long as its body is on its way. */
  readonly bodyBytes: number | undefined
}

/** What a rule allows. */
export interface StorabilityRule {
  readonly statuses: ReadonlySet<number>
  /** Lower-case names of the request headers that the key varies on. */
  readonly vary: readonly string[]
  readonly ttlMs: number
  /** Names of cookies that an answer may set and still be stored. */
  readonly harmlessCookies: ReadonlySet<string>
}

export type Storability =
  | { readonly storable: true; readonly ttlMs: number }
  | { readonly storable: false; readonly reason: string }

/**
 * Headers on which middleware before the route may let an answer vary without the body being another: CORS adds
 * headers of its own, and compression encodes each answer anew. Both run for hits as well.
 */
const HARMLESS_BEFORE_ROUTE: ReadonlySet<string> = new Set([
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'origin',
])

/**
 * Statuses with which the answer of a write is what the next read is to get: done (200, 203) or made (201). With 202
 * it has yet to be done, with 204 and 205 there is nothing to read, 206 is a part, and 3xx is somewhere else.
 */
export const STATUSES_OF_WRITES: ReadonlySet<number> = new Set([200, 201, 203])

/**
 * Decides whether a response may be stored, and for how long. Headers may veto or shorten, never lengthen.
 *
 * @param earlierVary - The `Vary` that middleware had set before the route.
 * @param now - Epoch milliseconds.
 */
export function storability(
  { status, headers, bodyBytes }: ResponseFacts,
  rule: StorabilityRule,
  earlierVary: unknown,
  now: number,
): Storability {
  const no = (reason: string): Storability => ({ storable: false, reason })
  // RFC 9111, section 3: the status must be understood, which is 200 unless the rule declares more.
  if (!rule.statuses.has(status)) return no(`status ${status}`)
  // RFC 6265, section 3: a cookie is meant for one person. RFC 9111, section 7.3 leaves the choice to the cache.
  if (setsCookie(headers['set-cookie'], rule.harmlessCookies)) return no('Set-Cookie')
  // WHATWG HTML, section 9.2: it goes on for as long as its client listens.
  if (/^\s*text\/event-stream\b/i.test(String(headers['content-type']))) return no('event stream')
  // RFC 9112, section 7: a coding of the connection is undone by its receiver, and this body has it still.
  const coding = tokensOf(headers['transfer-encoding']).find((token) => token !== 'chunked')
  if (coding) return no(`Transfer-Encoding: ${coding}`)
  const refusal = refusalOfHead(headers)
  if (refusal !== undefined) return no(refusal)
  // RFC 9110, section 8.4: a coding that the handler chose for one client; the cache does not ask what the next one takes.
  const isEncoded = tokensOf(headers['content-encoding']).some((token) => token !== 'identity')
  const mayBeAnother = () => [headers.vary, earlierVary].flatMap(tokensOf).includes('accept-encoding')
  if (isEncoded && mayBeAnother() && !rule.vary.includes('accept-encoding')) return no('Content-Encoding')
  // RFC 9111, section 3.3: a body that ended early is not the whole.
  const declaredBytes = headers['content-length']
  const isKnown = declaredBytes !== undefined && bodyBytes !== undefined
  if (isKnown && Number(declaredBytes) !== bodyBytes) return no('incomplete body')

  // RFC 9110, section 15.4: a redirect is its Location; a body beside it, of whatever type, is a note.
  const isNoted = status >= 300 && status < 400 && headers.location !== undefined
  // RFC 9111, section 4.1: requests whose headers differ do not match.
  const unkeyed = tokensOf(headers.vary).find((name) => {
    const isHarmless = HARMLESS_BEFORE_ROUTE.has(name) && tokensOf(earlierVary).includes(name)
    return !isHarmless && !rule.vary.includes(name) && !(isNoted && name === 'accept')
  })
  if (unkeyed) return no(`Vary: ${unkeyed}`)

  const ageMs = ageOnArrivalMs(headers, now)
  const directives = parseCacheControl(headers['cache-control']) ?? new Map()
  const declaredMs = lifetimeMsOf(directives) ?? lifetimeByExpiryMs(headers, now)
  const ttlMs = Math.min(rule.ttlMs, declaredMs - ageMs)
  return ttlMs > 0 ? { storable: true, ttlMs } : no('no freshness left')
}

/**
 * Why a head keeps its answer out of every cache, whatever the rule, the request and the time; `undefined` if it does
 * not. What is found in a store with such a head has not been stored by us.
 */
export function refusalOfHead(headers: ResponseFacts['headers']): string | undefined {
  // RFC 9111, section 3.3: a part is not the whole.
  if (headers['content-range'] !== undefined) return 'Content-Range'
  // Entries of earlier versions said so how their body is kept.
  if (headers['encoding-at-rest'] !== undefined) return 'Encoding-At-Rest'
  // RFC 9111, section 4.1: with '*' no later request matches.
  if (tokensOf(headers.vary).includes('*')) return 'Vary: *'
  const directives = parseCacheControl(headers['cache-control'])
  // RFC 9111, section 4.2.1 encourages a cache to take what it cannot read for stale.
  if (!directives) return 'unreadable Cache-Control'
  // RFC 9111, sections 5.2.2.5, 5.2.2.7 and 5.2.2.4: not at all, not in a shared cache, not without asking.
  const forbidding = ['no-store', 'private', 'no-cache'].find((name) => directives.has(name))
  if (forbidding) return `Cache-Control: ${forbidding}`
  // RFC 9111, section 5.1: an age is a number.
  if (headers.age !== undefined && !/^\d+$/.test(String(headers.age))) return 'unreadable Age'
  return undefined
}

/** RFC 9111, sections 4.2.1 and 5.3: used where `Cache-Control` gives no time; what is no date is past. */
function lifetimeByExpiryMs({ date, expires }: ResponseFacts['headers'], now: number): number {
  if (expires === undefined) return Number.POSITIVE_INFINITY
  return (instantOf(expires) ?? Number.NEGATIVE_INFINITY) - (instantOf(date) ?? now)
}

/** RFC 9111, section 4.2.3: how old an answer is already that the handler has got from elsewhere. */
function ageOnArrivalMs({ age, date }: ResponseFacts['headers'], now: number): number {
  return Math.max(Number(age ?? 0) * 1_000, now - (instantOf(date) ?? now))
}

/** An HTTP date (RFC 9110, section 5.6.7). `Date.parse` alone takes much that is none. */
function instantOf(field: unknown): number | undefined {
  const isHttpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(String(field))
  const at = isHttpDate ? Date.parse(String(field)) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
