import type { NextFunction, Request } from 'express'
import { CacheError } from '../errors.js'
import { namesWholeUrl } from '../keys/whole-url.js'
import type { CacheableRule } from '../rules/rule.js'
import type { VisitedRoute } from './route-visit.js'

/**
 * The route on which a middleware is called; none if `use` has mounted it.
 *
 * Express gives the middleware of a router the router's own `next`, and that of a route another. `req.route` alone does
 * not tell: it stays what it was where a request has gone on from a route.
 */
export function routeOf(req: Request, next: NextFunction): VisitedRoute | undefined {
  return (req as { next?: unknown }).next === next ? undefined : (req.route as VisitedRoute | undefined)
}

/** Refuses a lookup that would give one URL's answer for another. @throws CacheError `E_CACHE_MOUNT`. */
export function verifyMounted(rule: CacheableRule): void {
  if (namesWholeUrl(rule.template)) return
  throw new CacheError('E_CACHE_MOUNT', {
    where: rule.where,
    problem: `the lookup is mounted by use(), in front of many routes, and its key '${rule.key}' does not say which URL was asked for`,
    mend: `Put it on each route, behind whatever decides who may have the answer, or add {url} to the key.`,
  })
}

/** What somebody who mounts a lookup by `use` is to know. `behind`: names of what it stands in front of. */
export function mountedWarning(rule: CacheableRule, behind: readonly string[]): string {
  const names = behind.length > 0 ? behind.join(', ') : 'all that is mounted later'
  return `${rule.where} is mounted by use(): ${names} stands behind it and does not run for a hit. Authorization belongs before it.`
}
