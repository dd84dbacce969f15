import { namesPerson } from '../rules/identity.js'
import type { CacheableRule } from '../rules/rule.js'

const WARNED = new WeakSet<CacheableRule>()

/** Whether a rule's handler has been warned of at start. */
export function isWarnedOfUser(rule: CacheableRule): boolean {
  return WARNED.has(rule)
}

/**
 * Warns of a handler that reads who is signed in, where the key does not say who that is: the first one's answer
 * would be everyone's. Judged by its source, so it can be wrong in both directions.
 */
export function userWarning(
  rule: CacheableRule,
  handler: unknown,
  routeName: string,
  asksUser = false,
): string[] {
  if (namesPerson(rule) || !(asksUser || readsUser(handler))) return []
  WARNED.add(rule)
  return [
    `${rule.where} on ${routeName} reads the user (req.user), but its key '${rule.key}' does not name the user: everyone would get the first one's answer. Add {user.id} to the key.`,
  ]
}

/** One that says itself that its answer is not for others is none. */
function readsUser(handler: unknown): boolean {
  if (typeof handler !== 'function') return false
  const source = Function.prototype.toString.call(handler)
  return /\breq(uest)?\.user\b/.test(source) && !/['"](?:private|no-store)\b/.test(source)
}
