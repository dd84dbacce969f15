import type { Request, Response } from 'express'
import type { Representation } from '../../http/representation.js'
import type { RequestPolicy } from '../../http/request-policy.js'
import type { CacheableRule } from '../../rules/rule.js'
import type { HitLearner, MiddlewareContext } from '../context.js'
import type { RequestValues } from '../request-values.js'
import type { VisitedRoute } from '../route-visit.js'

/** A request in progress that meets the cache under one key. */
export interface CacheRequest {
  readonly rule: CacheableRule
  readonly context: MiddlewareContext
  readonly req: Request
  readonly res: Response
  readonly key: string
  readonly values: RequestValues
  readonly policy: RequestPolicy
  /** Learns from hits, if the URL alone decides the key. */
  readonly hitLearner: HitLearner | undefined
  /** The route whose handlers answer; none where the lookup is mounted in front of many. */
  readonly route: VisitedRoute | undefined
  /** Whether the cache repeats the request itself, behind an answer that it has given already. */
  readonly isReload: boolean
  /** By `performance.now()`. */
  readonly startedAt: number
}

/**
 * Emits that the cache has answered a request.
 *
 * @param remainingMs - How long the answer still lives, grace included.
 */
export function emitServed(
  request: CacheRequest,
  type: 'hit' | 'stale',
  { body }: Representation,
  remainingMs: number,
): void {
  const { rule, context, key } = request
  const ttlMs = remainingMs - rule.graceMs
  context.emit({ type, rule, key, ms: elapsedMs(request), bytes: body.length, ttlMs })
}

/** Emits that a handler has answered a request, or, `collapsed`, that another request's handler has. */
export function emitMiss(request: CacheRequest, collapsed: boolean): void {
  const { rule, context, key, isReload } = request
  const ms = elapsedMs(request)
  context.emit(isReload ? { type: 'reload', rule, key, ms } : { type: 'miss', rule, key, ms, collapsed })
}

function elapsedMs({ startedAt }: CacheRequest): number {
  return performance.now() - startedAt
}
