import type { ReadOptions } from '../../engine/engine.js'
import type { RequestPolicy } from '../../http/request-policy.js'
import type { CacheableRule } from '../../rules/rule.js'

/** How the engine is to look up a key of a rule for a request with this policy. */
export function readOptionsOf(rule: CacheableRule, policy: RequestPolicy): ReadOptions {
  const { graceMs, staleWhileRevalidateMs, keyLimit } = rule
  if (policy === 'normal') return { graceMs, staleWhileRevalidateMs, keyLimit }
  // A client that wants an answer of now takes no stored one as fresh, however long that still lives.
  return { graceMs: Number.MAX_SAFE_INTEGER, staleWhileRevalidateMs: 0, keyLimit }
}
