import { lifetimeMsOf, parseCacheControl } from './cache-control.js'
import type { Representation } from './representation.js'

/**
 * What `Age` says: how old an answer was when it was stored, and the time since (RFC 9111, sections 4.2.3 and 5.1).
 *
 * @param ttlMs - Of the rule.
 * @param freshForMs - How much of it is left; negative when stale.
 */
export function ageSeconds(headers: Representation['headers'], ttlMs: number, freshForMs: number): number {
  const storedAgeMs = Number(headers.age ?? 0) * 1_000
  const livesMs = Math.min(ttlMs, declaredLifetimeMs(headers) - storedAgeMs)
  return Math.round((storedAgeMs + Math.max(0, livesMs - freshForMs)) / 1_000)
}

/** How long the answer itself says that it lives. */
function declaredLifetimeMs(headers: Representation['headers']): number {
  const field = headers['cache-control']
  if (field === undefined) return Number.POSITIVE_INFINITY
  return lifetimeMsOf(parseCacheControl(field) ?? new Map()) ?? Number.POSITIVE_INFINITY
}
