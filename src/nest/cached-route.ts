import type { Request } from 'express'
import { pathValue, type RequestValues } from '../express/request-values.js'
import { type UserOf, wantUser } from '../express/signed-in.js'
import type { CacheableRule, Rule, WriteRule } from '../rules/rule.js'
import type { BoundArgument } from './nest-metadata.js'

/** A route of Nest with rules. */
export interface CachedRoute {
  /** Class and method. */
  readonly where: string
  readonly read: CacheableRule | undefined
  readonly writes: readonly WriteRule[]
  readonly args: readonly BoundArgument[]
  /** Whether all that `{name}` can stand for is a part of the URL. */
  readonly isBareOfUrl: boolean
  /** Whether a rule wants to know who is signed in. */
  readonly wantsUser: boolean
}

/** What a method's rules and arguments ask for. */
export function cachedRoute(rules: readonly Rule[], args: readonly BoundArgument[]): CachedRoute {
  return {
    where: (rules[0] as Rule).where,
    read: rules.find((rule) => rule.kind === 'cacheable'),
    writes: rules.filter((rule): rule is WriteRule => rule.kind !== 'cacheable'),
    args,
    wantsUser: wantUser(rules),
    isBareOfUrl: args.every(
      ({ name, source }) => name === undefined || source === 'params' || source === 'query',
    ),
  }
}

/**
 * Looks placeholders up: `{name}` is the argument that is bound under the name, as pipes have made it.
 *
 * @param userOf - The option `user` of the cache; without it, the user is where guards leave them.
 */
export function valuesOfRoute(
  route: CachedRoute,
  req: Request,
  args: readonly unknown[],
  userOf: UserOf | undefined,
): RequestValues {
  const bound = new Map<string, unknown>()
  for (const { name, index } of route.args) if (name !== undefined) bound.set(name, args[index])
  return {
    isBareOfUrl: route.isBareOfUrl,
    bare: (name) => (bound.has(name) ? bound.get(name) : pathValue(req, name)),
    user: userOf && route.wantsUser ? userOf(req) : Reflect.get(req, 'user'),
    route: req.route,
  }
}
