import { namesPerson } from '../rules/identity.js'
import type { CacheableRule } from '../rules/rule.js'
import { classNameOf } from '../tools/class-name.js'

/** What an interceptor looks at to tell one person from another. */
const ASKS_WHO =
  /\.\s*(?:user|currentUser|auth|session|roles?|permissions?|authorization)\b|['"]authorization['"]|\{[^{}]*\buser\b[^{}]*\}\s*=/i

/**
 * Warns of interceptors that ask who is signed in, where the key does not name the user: what they made of the first
 * one's answer is what everyone gets. Judged by their source, so it can be wrong in both directions.
 *
 * @param interceptors - Functions, classes with `intercept`, or instances of such.
 */
export function interceptorWarnings(
  rule: CacheableRule,
  interceptors: readonly unknown[],
  routeName: string,
): string[] {
  if (namesPerson(rule)) return []
  return interceptors
    .filter((interceptor) => ASKS_WHO.test(sourceOf(interceptor)))
    .map(
      (interceptor) =>
        `${rule.where} on ${routeName}: the interceptor ${classNameOf(interceptor) || 'without a name'} asks who is signed in, but the key '${rule.key}' does not name the user: everyone would get what the first one may see. Add what it depends on to the key, such as {user.role}.`,
    )
}

/** Of a class or an instance, the source of what runs. */
function sourceOf(interceptor: unknown): string {
  const runs = Object(interceptor).prototype?.intercept ?? Object(interceptor).intercept ?? interceptor
  return typeof runs === 'function' ? Function.prototype.toString.call(runs) : ''
}
