import { SEGMENT_SEPARATOR } from '../keys/match-pattern.js'
import { type ResolveValue, renderPattern, renderTag } from '../keys/render.js'
import { ANY } from '../keys/template.js'
import type { Selector } from '../stores/store.js'
import type { EvictRule } from './rule.js'

/** What rules evict, given the values of one request or event; targets that say the same are one. */
export function evictionTargets(rules: readonly EvictRule[], resolveValue: ResolveValue): Selector[] {
  const patterns = rules.flatMap((rule) =>
    rule.patterns.map((pattern) => renderPattern(pattern, resolveValue)),
  )
  const tags = rules.flatMap((rule) => rule.tags.map((tag) => renderTag(tag, resolveValue)))
  const different = new Map(tags.map((tag) => [JSON.stringify(tag), tag]))
  return [...[...new Set(patterns)].map(targetOf), ...different.values()]
}

/** A rendered value never is `*`, so a pattern without one is a key. */
export function targetOf(pattern: string): Selector {
  return pattern.split(SEGMENT_SEPARATOR).includes(ANY)
    ? { kind: 'pattern', pattern }
    : { kind: 'key', key: pattern }
}
