import { SEGMENT_SEPARATOR } from '../keys/match-pattern.js'
import { type ResolveValue, renderPattern } from '../keys/render.js'
import { ANY, takesFrom } from '../keys/template.js'
import type { Selector } from '../stores/store.js'
import { type EvictRule, templatesOf, type WriteRule } from './rule.js'

/** What rules evict, given the values of one request or event; targets that say the same are one. */
export function evictionTargets(rules: readonly EvictRule[], resolveValue: ResolveValue): Selector[] {
  const patterns = rules.flatMap((rule) =>
    rule.patterns.map((pattern) => renderPattern(pattern, resolveValue)),
  )
  return [...new Set(patterns)].map(targetOf)
}

/** What rules will evict, as far as it is known before the handler runs: without what its answer names. */
export function intentTargets(rules: readonly WriteRule[], resolveValue: ResolveValue): Selector[] {
  const templates = rules.flatMap(templatesOf).filter((template) => !takesFrom(template, 'result'))
  const patterns = templates.map((template) => renderPattern(template, resolveValue))
  return [...new Set(patterns)].map(targetOf)
}

/** A rendered value never is `*`, so a pattern without one is a key. */
export function targetOf(pattern: string): Selector {
  return pattern.split(SEGMENT_SEPARATOR).includes(ANY)
    ? { kind: 'pattern', pattern }
    : { kind: 'key', key: pattern }
}
