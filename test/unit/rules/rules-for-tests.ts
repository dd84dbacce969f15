import { resolveRule } from '#src/rules/resolve-rule.js'
import type { CacheableRule, EvictRule, PutRule } from '#src/rules/rule.js'
import type { RuleContext } from '#src/rules/rule-context.js'

function context(where: string): RuleContext {
  return { where, classConfig: {}, defaultTtl: 300, isEventHandler: false }
}

export function cacheableRule(key: string, where = `read ${key}`): CacheableRule {
  const declaration = { kind: 'cacheable', key, ttl: undefined, options: {} } as const
  return resolveRule(declaration, context(where)) as CacheableRule
}

export function putRule(key: string, where = `put ${key}`): PutRule {
  const declaration = { kind: 'put', key, ttl: undefined, options: {} } as const
  return resolveRule(declaration, context(where)) as PutRule
}

export function evictRule(
  patterns: string | readonly string[],
  { where = 'write', before = false, isEventHandler = false } = {},
): EvictRule {
  const declaration = { kind: 'evict', patterns, options: { before } } as const
  return resolveRule(declaration, { ...context(where), isEventHandler }) as EvictRule
}
