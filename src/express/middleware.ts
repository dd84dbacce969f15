import type { NextFunction, Request, Response } from 'express'
import type { CacheableRule, Rule, WriteRule } from '../rules/rule.js'
import type { MiddlewareContext } from './context.js'
import { routeOf, verifyMounted } from './mounted.js'
import { withinLoad } from './read/load-of-request.js'
import { readThrough } from './read/read-through.js'
import { expressValues } from './request-values.js'
import { followsItself, handlerBehind, nextOnRoute, type VisitedRoute, visitRoute } from './route-visit.js'
import { wantUser } from './signed-in.js'
import { writeThrough } from './write/write-through.js'

/** Express middleware that leaves the types which the route's own handlers get from its path as they are. */
export type CacheMiddleware = <Params, Body, RequestBody, Query, Locals extends Record<string, unknown>>(
  req: Request<Params, Body, RequestBody, Query, Locals>,
  res: Response<Body, Locals>,
  next: NextFunction,
) => void

const RULES_OF = new WeakMap<object, readonly Rule[]>()

/** The rules that a middleware acts on; none for other people's. */
export function rulesOfMiddleware(middleware: object): readonly Rule[] {
  return RULES_OF.get(handlerBehind(middleware)) ?? []
}

/** Middleware that answers from the cache. Mount it after whatever decides who may have the answer. */
export function readMiddleware(rule: CacheableRule, context: MiddlewareContext): CacheMiddleware {
  const userOf = wantUser([rule]) ? context.userOf : nobody

  function cacheable(req: Request, res: Response, next: NextFunction): void {
    let route: VisitedRoute | undefined
    let answered: boolean | Promise<boolean>
    try {
      route = routeOf(req, next)
      if (!route) verifyMounted(rule)
      answered = readThrough(rule, context, req, res, expressValues(req, route, userOf))
    } catch (error) {
      nextOnRoute(req, route, cacheable, next)(error)
      return
    }
    if (answered === true) return
    const goOn = nextOnRoute(req, route, cacheable, next)
    if (answered === false) withinLoad(req, context.loads, goOn)
    else answered.then((isAnswered) => isAnswered || withinLoad(req, context.loads, goOn), goOn)
  }
  followsItself(cacheable)
  RULES_OF.set(cacheable, [rule])
  return cacheable as CacheMiddleware
}

/** Middleware that keeps a write's answer back until the cache knows of the write. */
export function writeMiddleware(rules: readonly WriteRule[], context: MiddlewareContext): CacheMiddleware {
  const userOf = wantUser(rules) ? context.userOf : undefined

  function evicting(req: Request, res: Response, next: NextFunction): void {
    const route = routeOf(req, next)
    const goOn = () => withinLoad(req, context.loads, next)
    writeThrough(rules, context, req, res, expressValues(req, route, userOf)).then((write) => {
      if (write && route) {
        visitRoute(req, route, { handlerDone: () => write.handlerDone(), failed: () => write.failed() })
      }
      if (write) write.run(goOn)
      else goOn()
    }, next)
  }
  RULES_OF.set(evicting, rules)
  return evicting as CacheMiddleware
}

/** Nobody wants to know, and to look for what most requests do not have takes time. */
function nobody(): undefined {}
