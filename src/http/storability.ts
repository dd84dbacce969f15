import { lifetimeMsOf, parseCacheControl } from './cache-control.js'

/** A complete response, as far as it decides about storing. Header names are in lower case. */
export interface ResponseFacts {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly bodyBytes: number
}

/** What a rule allows. */
export interface StorabilityRule {
  readonly statuses: ReadonlySet<number>
  /** Lower-case names of the request headers that the key varies on. */
  readonly vary: readonly string[]
  readonly ttlMs: number
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
  if (headers['set-cookie'] !== undefined) return no('Set-Cookie')
  // RFC 9111, section 3.3: a part is not the whole, and neither is a body that ended early.
  if (headers['content-range'] !== undefined) return no('Content-Range')
  const declaredBytes = headers['content-length']
  if (declaredBytes !== undefined && Number(declaredBytes) !== bodyBytes) return no('incomplete body')

  const vary = new Set(tokensOf(headers.vary))
  // RFC 9111, section 4.1: with '*' no later request matches, and else those whose headers differ do not.
  if (vary.has('*')) return no('Vary: *')
  const harmless = tokensOf(earlierVary).filter((name) => HARMLESS_BEFORE_ROUTE.has(name))
  const known = new Set([...rule.vary, ...harmless])
  const unkeyed = [...vary].find((name) => !known.has(name))
  if (unkeyed) return no(`Vary: ${unkeyed}`)

  const directives = parseCacheControl(headers['cache-control'])
  // RFC 9111, section 4.2.1 encourages a cache to take what it cannot read for stale.
  if (!directives) return no('unreadable Cache-Control')
  // RFC 9111, sections 5.2.2.5, 5.2.2.7 and 5.2.2.4: not at all, not in a shared cache, not without asking.
  for (const name of ['no-store', 'private', 'no-cache']) {
    if (directives.has(name)) return no(`Cache-Control: ${name}`)
  }

  const ageMs = ageOnArrivalMs(headers, now)
  if (ageMs === null) return no('unreadable Age')
  const declaredMs = lifetimeMsOf(directives) ?? lifetimeByExpiryMs(headers, now)
  const ttlMs = Math.min(rule.ttlMs, declaredMs - ageMs)
  return ttlMs > 0 ? { storable: true, ttlMs } : no('no freshness left')
}

/** RFC 9111, sections 4.2.1 and 5.3: used where `Cache-Control` gives no time; what is no date is past. */
function lifetimeByExpiryMs({ date, expires }: ResponseFacts['headers'], now: number): number {
  if (expires === undefined) return Number.POSITIVE_INFINITY
  return (instantOf(expires) ?? Number.NEGATIVE_INFINITY) - (instantOf(date) ?? now)
}

/**
 * RFC 9111, section 4.2.3: how old an answer is already that the handler has got from elsewhere; `null` if its
 * `Age` is no number (section 5.1).
 */
function ageOnArrivalMs({ age, date }: ResponseFacts['headers'], now: number): number | null {
  if (age !== undefined && !/^\d+$/.test(String(age))) return null
  return Math.max(Number(age ?? 0) * 1_000, now - (instantOf(date) ?? now))
}

/** An HTTP date (RFC 9110, section 5.6.7). `Date.parse` alone takes much that is none. */
function instantOf(field: unknown): number | undefined {
  const isHttpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(String(field))
  const at = isHttpDate ? Date.parse(String(field)) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

function tokensOf(field: unknown): string[] {
  if (field === undefined) return []
  return [field]
    .flat()
    .join(',')
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '')
}
