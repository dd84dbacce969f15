import type { Request } from 'express'
import type { Rule } from '../rules/rule.js'
import { nameOf } from '../rules/rule-routes.js'
import type { RequestValues } from './request-values.js'

/** What a framework does on a route of Express where no middleware of ours stands. */
export interface FrameworkRoute {
  readonly rules: readonly Rule[]
  /**
   * The values that the framework would give the rules of a request nobody has sent.
   *
   * @param unknown - Called with what only a request that came can tell.
   */
  valuesOf(req: Request, user: unknown, unknown: (what: string) => void): RequestValues
}

const ROUTES = new WeakMap<object, FrameworkRoute>()

/** Remembers what a framework does on a route, for whoever explains it. */
export function noteFrameworkRoute(route: object, framework: FrameworkRoute): void {
  ROUTES.set(route, framework)
}

export function frameworkRouteOf(route: object): FrameworkRoute | undefined {
  return ROUTES.get(route)
}

const OF_RULE = new WeakMap<Rule, FrameworkRoute>()

/** The same where a framework makes routes that nobody is told of: their rules are known by the route's name. */
export function noteFrameworkRules(framework: FrameworkRoute): void {
  for (const rule of framework.rules) OF_RULE.set(rule, framework)
}

/** What a framework does on the route of this name; see `nameOf`. */
export function frameworkRouteNamed(name: string, rules: readonly Rule[]): FrameworkRoute | undefined {
  const rule = rules.find((one) => OF_RULE.has(one) && nameOf(one) === name)
  return rule && OF_RULE.get(rule)
}
