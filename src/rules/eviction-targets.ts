import { SEGMENT_SEPARATOR } from '../keys/match-pattern.js'
import { type ResolveValue, renderEvictedTags, renderPatterns } from '../keys/render.js'
import { ANY, type Template, takesFrom } from '../keys/template.js'
import type { Selector } from '../stores/store.js'
import type { WriteRule } from './rule.js'

interface Written {
  readonly patterns: readonly Template[]
  readonly tags: readonly Template[]
}

/** What a write rule evicts, or replaces by its key. */
export function writtenBy(rule: WriteRule): Written {
  return rule.kind === 'evict' ? rule : { patterns: [rule.template], tags: [] }
}

/** What rules evict, given the values of one request or event; targets that say the same are one. */
export function evictionTargets(rules: readonly Written[], resolveValue: ResolveValue): Selector[] {
  const patterns = rules.flatMap((rule) =>
    rule.patterns.flatMap((pattern) => renderPatterns(pattern, resolveValue)),
  )
  const tags = rules.flatMap((rule) => rule.tags.flatMap((tag) => renderEvictedTags(tag, resolveValue)))
  const different = new Map(tags.map((tag) => [JSON.stringify(tag), tag]))
  return [...[...new Set(patterns)].map(targetOf), ...different.values()]
}

/** What rules will evict, as far as it is known before the handler runs: without what its answer names. */
export function intentTargets(rules: readonly WriteRule[], resolveValue: ResolveValue): Selector[] {
  const isKnown = (template: Template) => !takesFrom(template, 'result')
  const known = rules.map(writtenBy).map(({ patterns, tags }) => ({
    patterns: patterns.filter(isKnown),
    tags: tags.filter(isKnown),
  }))
  return evictionTargets(known, resolveValue)
}

/** A rendered value never is `*`, so a pattern without one is a key. */
export function targetOf(pattern: string): Selector {
  return pattern.split(SEGMENT_SEPARATOR).includes(ANY)
    ? { kind: 'pattern', pattern }
    : { kind: 'key', key: pattern }
}
