import type { Response } from 'express'
import { serializeItem, Token } from 'structured-headers'

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
}

const CACHE_NAME = new Token('express-cacheable')
const FORWARDED: Readonly<Partial<Record<CacheOutcome['xCache'], Token>>> = {
  MISS: new Token('miss'),
  BYPASS: new Token('bypass'),
}

/** Says on the response what the cache did: `X-Cache`, and `Cache-Status` (RFC 9211, section 2). */
export function setCacheStatus(res: Response, outcome: CacheOutcome): void {
  res.setHeader('X-Cache', outcome.xCache)
  res.setHeader('Cache-Status', cacheStatus(outcome))
}

/** What the answer of a write says while evictions of this process wait for their store. */
export const EVICTION_KEPT = cacheStatus({ xCache: 'BYPASS', detail: 'eviction kept' })

function cacheStatus({ xCache, ttlSeconds, stored, collapsed, forwarded, detail }: CacheOutcome): string {
  const parameters = new Map<string, string | number | boolean | Token>()
  const token = forwarded ? new Token(forwarded) : FORWARDED[xCache]
  if (token) parameters.set('fwd', token)
  else parameters.set('hit', true)
  if (stored) parameters.set('stored', true)
  if (collapsed) parameters.set('collapsed', true)
  if (ttlSeconds !== undefined) parameters.set('ttl', ttlSeconds)
  // A structured-field string is ASCII (RFC 9651, section 3.3.3).
  if (detail) parameters.set('detail', detail.replace(/[^\x20-\x7e]/g, '?'))
  return serializeItem([CACHE_NAME, parameters])
}
