import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { CacheableRule, Rule, WriteRule } from '../rules/rule.js'
import type { MiddlewareContext } from './context.js'
import { type CacheMiddleware, readMiddleware, writeMiddleware } from './middleware.js'
import { handlerBehind } from './route-visit.js'

/** The methods of a controller, each as what Express takes for a route. */
export type Handlers<Controller> = {
  readonly [Method in keyof Controller as Controller[Method] extends (...args: never[]) => unknown
    ? Method
    : never]: RequestHandler[]
}

/** Turns a controller's methods into lists of Express handlers: middleware for the rules, then the method. */
export function buildHandlers<Controller extends object>(
  controller: Controller,
  rulesByMethod: ReadonlyMap<string, { readonly rules: readonly Rule[] }>,
  context: MiddlewareContext,
): Handlers<Controller> {
  const built = [...rulesByMethod].map(([name, { rules }]) => [
    name,
    [...middlewareFor(rules, context), asHandler(controller, name)],
  ])
  return Object.fromEntries(built)
}

const METHOD_OF = new WeakMap<object, unknown>()

/** The controller's method behind a handler, or the handler itself if it is none of ours. */
export function methodBehind(handler: object): unknown {
  const own = handlerBehind(handler)
  return METHOD_OF.get(own) ?? own
}

/** The middleware that a method's rules ask for. */
function middlewareFor(rules: readonly Rule[], context: MiddlewareContext): CacheMiddleware[] {
  const reads = rules.filter((rule): rule is CacheableRule => rule.kind === 'cacheable')
  const writes = rules.filter((rule): rule is WriteRule => rule.kind !== 'cacheable')
  return [
    ...reads.map((rule) => readMiddleware(rule, context)),
    ...(writes.length > 0 ? [writeMiddleware(writes, context)] : []),
  ]
}

function asHandler(controller: object, name: string): RequestHandler {
  const handler = async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    try {
      await (controller as Record<string, RequestHandler>)[name]?.(req, res, next)
    } catch (error) {
      // Express 4 does not look at what a handler returns, so a rejection is handed on here.
      next(error ?? new Error(`${name} rejected without an error`))
    }
  }
  METHOD_OF.set(handler, (controller as Record<string, unknown>)[name])
  return Object.defineProperty(handler, 'name', { value: name })
}
