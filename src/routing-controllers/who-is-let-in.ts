import type { ActionMetadata } from 'routing-controllers'
import { CacheError } from '../errors.js'
import { namesPerson } from '../rules/identity.js'
import type { CacheableRule } from '../rules/rule.js'

/** What an interceptor looks at to tell one person from another. */
const ASKS_WHO =
  /\.\s*(?:user|currentUser|auth|session|roles?|permissions?|authorization)\b|['"]authorization['"]|\{[^{}]*\buser\b[^{}]*\}\s*=/i

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

/**
 * Warns of interceptors that ask who is signed in, where the key does not name the user: what they made of the first
 * one's answer is what everyone gets. Judged by their source, so it can be wrong in both directions.
 *
 * @param everywhere - The interceptors that run for all routes.
 */
export function interceptorWarnings(
  rule: CacheableRule,
  action: ActionMetadata,
  everywhere: readonly unknown[],
  routeName: string,
): string[] {
  if (namesPerson(rule)) return []
  const uses = [...action.controllerMetadata.interceptors, ...action.interceptors]
  return [...everywhere, ...uses.map(({ interceptor }): unknown => interceptor)]
    .filter((interceptor) => typeof interceptor === 'function')
    .filter((interceptor) => ASKS_WHO.test(sourceOf(interceptor)))
    .map(
      ({ name }) =>
        `${rule.where} on ${routeName}: the interceptor ${name || 'without a name'} asks who is signed in, but the key '${rule.key}' does not name the user: everyone would get what the first one may see. Add what it depends on to the key, such as {user.role}.`,
    )
}

/** Of a class, the source of what runs. */
function sourceOf(interceptor: { readonly prototype?: { readonly intercept?: unknown } }): string {
  const runs = interceptor.prototype?.intercept ?? interceptor
  return Function.prototype.toString.call(runs)
}
