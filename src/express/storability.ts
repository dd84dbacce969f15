import { parseDictionary } from 'structured-headers'

/** The head of a response, as far as it decides about storing. Header names are in lower case. */
export interface ResponseHead {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
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
 * Decides whether a response may be stored, and for how long. Headers may veto or shorten, never lengthen.
 *
 * @param earlierVary - The `Vary` that middleware had set before the route. It applies to hits as well, since
 *   that middleware runs for them too, so it is no reason not to store.
 * @param now - Epoch milliseconds.
 */
export function storability(
  { status, headers }: ResponseHead,
  rule: StorabilityRule,
  earlierVary: unknown,
  now: number,
): Storability {
  const no = (reason: string): Storability => ({ storable: false, reason })
  if (!rule.statuses.has(status)) return no(`status ${status}`)
  // RFC 6265, section 3: a cookie is meant for one person.
  if (headers['set-cookie'] !== undefined) return no('Set-Cookie')
  // RFC 9111, section 3.3: a part is not the whole.
  if (headers['content-range'] !== undefined) return no('Content-Range')

  const vary = new Set([...tokensOf(headers.vary)])
  // RFC 9111, section 4.1: no later request matches.
  if (vary.has('*')) return no('Vary: *')
  const known = new Set([...rule.vary, ...tokensOf(earlierVary)])
  const unkeyed = [...vary].find((name) => !known.has(name))
  if (unkeyed) return no(`Vary: ${unkeyed}`)

  const directives = cacheControl(headers['cache-control'])
  if (!directives) return no('unreadable Cache-Control')
  // RFC 9111, sections 5.2.2.5, 5.2.2.7 and 5.2.2.4: not at all, not in a shared cache, not without asking.
  for (const name of ['no-store', 'private', 'no-cache']) {
    if (directives.has(name)) return no(`Cache-Control: ${name}`)
  }

  const declaredMs = lifetimeOf(directives) ?? expiryMs(headers.expires, now)
  const ttlMs = Math.min(rule.ttlMs, declaredMs)
  return ttlMs > 0 ? { storable: true, ttlMs } : no('no freshness left')
}

/** For how long a stored `Cache-Control` lets an answer live from its first moment; infinite if it says nothing. */
export function declaredLifetimeMs(field: unknown): number {
  return lifetimeOf(cacheControl(field) ?? new Map()) ?? Number.POSITIVE_INFINITY
}

/** RFC 9111, section 4.2.1: `s-maxage`, else `max-age`. */
function lifetimeOf(directives: ReadonlyMap<string, unknown>): number | undefined {
  for (const name of ['s-maxage', 'max-age']) {
    if (!directives.has(name)) continue
    const seconds = Number(directives.get(name))
    // RFC 9111, section 4.2.1: what cannot be read counts as stale.
    return Number.isFinite(seconds) ? Math.floor(seconds * 1_000) : 0
  }
  return undefined
}

/** RFC 9111, section 5.3: used where `Cache-Control` gives no time. */
function expiryMs(expires: unknown, now: number): number {
  if (expires === undefined) return Number.POSITIVE_INFINITY
  const at = Date.parse(String(expires))
  return Number.isNaN(at) ? 0 : at - now
}

/** The directives and their values; `null` if the field cannot be read (RFC 9111, section 5.2). */
function cacheControl(field: unknown): ReadonlyMap<string, unknown> | null {
  if (field === undefined) return new Map()
  try {
    const directives = parseDictionary([field].flat().join(', ').toLowerCase())
    return new Map([...directives].map(([name, [value]]) => [name, value]))
  } catch {
    return null
  }
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
