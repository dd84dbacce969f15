import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { CacheableRule, Rule, WriteRule } from '../rules/rule.js'
import type { MiddlewareContext } from './context.js'
import { readThrough } from './read-through.js'
import { expressValues } from './request-values.js'
import { writeThrough } from './write-through.js'

const RULES_OF = new WeakMap<object, readonly Rule[]>()

/** The rules that a middleware acts on; none for other people's. */
export function rulesOfMiddleware(middleware: object): readonly Rule[] {
  return RULES_OF.get(middleware) ?? []
}

/** Middleware that answers from the cache. Mount it after whatever decides who may have the answer. */
export function readMiddleware(rule: CacheableRule, context: MiddlewareContext): RequestHandler {
  function cacheable(req: Request, res: Response, next: NextFunction): void {
    readThrough(rule, context, req, res, expressValues(req)).then((isAnswered) => {
      if (!isAnswered) next()
    }, next)
  }
  RULES_OF.set(cacheable, [rule])
  return cacheable
}

/** Middleware that keeps a write's answer back until the cache knows of the write. */
export function writeMiddleware(rules: readonly WriteRule[], context: MiddlewareContext): RequestHandler {
  function evicting(req: Request, res: Response, next: NextFunction): void {
    writeThrough(rules, context, req, res, expressValues(req)).then(() => next(), next)
  }
  RULES_OF.set(evicting, rules)
  return evicting
}
