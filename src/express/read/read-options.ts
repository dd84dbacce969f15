import type { ReadOptions } from '../../engine/engine.js'
import type { RequestPolicy } from '../../http/request-policy.js'
import type { CacheableRule } from '../../rules/rule.js'

/** How the engine is to read for a request. A client that wants an answer of now takes no stored one as fresh. */
export function readOptionsOf(rule: CacheableRule, policy: RequestPolicy): ReadOptions {
  const { graceMs, staleWhileRevalidateMs, keyLimit } = rule
  return { rule, graceMs, staleWhileRevalidateMs, keyLimit, mode: policy === 'normal' ? 'normal' : 'reload' }
}
