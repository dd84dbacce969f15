/** What the cache did with a request. */
export interface CacheOutcome {
  readonly xCache: 'HIT' | 'MISS' | 'BYPASS' | 'STALE'
  /** Seconds of freshness left; negative when stale. */
  readonly ttlSeconds?: number
  /** The answer is now in the cache. */
  readonly stored?: boolean
  /** Another request's handler answered this one too. */
  readonly collapsed?: boolean
  /** Why the request went to the handler, where it is not plain from `xCache` (RFC 9211, section 2.2). */
  readonly forwarded?: 'miss' | 'stale' | 'request'
  readonly detail?: string
  /** Told to whoever has opened the cache's own store to ask for it, and to nobody else. */
  readonly key?: string
}

const FORWARDED: Readonly<Partial<Record<CacheOutcome['xCache'], string>>> = {
  MISS: 'miss',
  BYPASS: 'bypass',
}

/**
 * The text of `Cache-Status` (RFC 9211, section 2): an item of RFC 9651 with parameters. All but the detail are
 * tokens, numbers and booleans of ours.
 */
export function cacheStatus({
  xCache,
  ttlSeconds,
  stored,
  collapsed,
  forwarded,
  detail,
  key,
}: CacheOutcome): string {
  const token = forwarded ?? FORWARDED[xCache]
  let status = token ? `express-cacheable;fwd=${token}` : 'express-cacheable;hit'
  if (stored) status += ';stored'
  if (collapsed) status += ';collapsed'
  if (ttlSeconds !== undefined) status += `;ttl=${ttlSeconds}`
  if (key) status += `;key="${quotable(key)}"`
  if (detail) status += `;detail="${quotable(detail)}"`
  return status
}

/** What the answer of a write says while evictions of this process wait for their store. */
export const EVICTION_KEPT = cacheStatus({ xCache: 'BYPASS', detail: 'eviction kept' })

/** What the answer of a write says that left before what its database has committed was known to be evicted. */
export const FOLLOWER_LATE = cacheStatus({ xCache: 'BYPASS', detail: 'follower late' })

/** RFC 9651, section 3.3.3: a string is ASCII, with a backslash before quotes and backslashes. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')
}
