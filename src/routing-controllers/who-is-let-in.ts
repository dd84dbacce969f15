import type { ActionMetadata } from 'routing-controllers'
import { CacheError } from '../errors.js'
import { interceptorWarnings } from '../express/asks-who.js'
import type { CacheableRule } from '../rules/rule.js'

/**
 * Refuses a public rule on a route that not everyone is let in to: its hits are given to anyone, and with the front
 * before anyone has been asked who they are.
 *
 * @throws CacheError `E_CACHE_VISIBILITY`.
 */
export function refusePublic(rule: CacheableRule, action: ActionMetadata): void {
  if (rule.visibility !== 'public') return
  const asksUser = action.params.some(({ type, required }) => type === 'current-user' && required)
  if (!action.isAuthorizedUsed && !asksUser) return
  const decorator = action.isAuthorizedUsed ? '@Authorized' : '@CurrentUser({ required: true })'
  throw new CacheError('E_CACHE_VISIBILITY', {
    where: rule.where,
    problem: `the answer is for anyone, but ${decorator} lets in only some`,
    mend: `Leave visibility out, so that all who are let in share the answer, or take ${decorator} away.`,
  })
}

/** Warnings of the interceptors of an action, see `interceptorWarnings`. `everywhere`: those that run for all routes. */
export function warningsOfInterceptors(
  rule: CacheableRule,
  action: ActionMetadata,
  everywhere: readonly unknown[],
  routeName: string,
): string[] {
  const uses = [...action.controllerMetadata.interceptors, ...action.interceptors]
  const own = uses.map(({ interceptor }): unknown => interceptor)
  return interceptorWarnings(rule, [...everywhere, ...own], routeName)
}
