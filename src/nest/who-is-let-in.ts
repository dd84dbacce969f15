import { CacheError } from '../errors.js'
import { interceptorWarnings } from '../express/asks-who.js'
import { userWarning } from '../express/user-warning.js'
import type { CacheableRule } from '../rules/rule.js'
import { classNameOf } from '../tools/class-name.js'
import { isCustom, type NestRoute } from './nest-metadata.js'

const READS_USER = /\.\s*user\b|\{[^{}]*\buser\b[^{}]*\}\s*=/

/**
 * Refuses a public rule on a route with guards of its own: its hits are given to anyone.
 *
 * @throws CacheError `E_CACHE_VISIBILITY`.
 */
export function refusePublic(rule: CacheableRule, { guards }: NestRoute): void {
  const [guard] = guards
  if (rule.visibility !== 'public' || guard === undefined) return
  throw new CacheError('E_CACHE_VISIBILITY', {
    where: rule.where,
    problem: `the answer is for anyone, but ${classNameOf(guard) || 'a guard'} lets in only some`,
    mend: 'Leave visibility out, so that all who are let in share the answer, or take the guard away.',
  })
}

/**
 * Warns of what reads who is signed in, where the key does not say who that is.
 *
 * @param everywhere - The interceptors that run for all routes.
 */
export function warningsOfWho(
  rule: CacheableRule,
  method: unknown,
  { args, interceptors }: NestRoute,
  everywhere: readonly unknown[],
  routeName: string,
): string[] {
  // Such as @CurrentUser(), as applications make it.
  const asksUser = args.some((arg) => isCustom(arg) && READS_USER.test(String(arg.factory)))
  return [
    ...userWarning(rule, method, routeName, asksUser),
    ...interceptorWarnings(rule, [...everywhere, ...interceptors], routeName),
  ]
}
