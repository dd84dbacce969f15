import { isApart } from '../keys/default-value.js'
import { canMeet } from '../keys/overlap.js'
import { ANY, type Placeholder, type Segment, type Template } from '../keys/template.js'
import type { CacheableRule, EvictRule, Rule } from './rule.js'

/**
 * Warns of patterns that name the text of a default: `status:all` leaves what is kept under `status:|all`, where
 * `{query.status|all}` has no value, and whoever reads the key's template may have meant just that.
 */
export function defaultWarnings(rules: readonly Rule[]): string[] {
  const reads = rules.filter((rule) => rule.kind === 'cacheable')
  const evicts = rules.filter((rule) => rule.kind === 'evict')
  return evicts.flatMap((rule) => rule.patterns.flatMap((pattern) => warningsOf(rule, pattern, reads)))
}

function warningsOf(rule: EvictRule, pattern: Template, reads: readonly CacheableRule[]): string[] {
  const found = reads.flatMap((read) =>
    read.template.segments.flatMap((segment, index): string[] => {
      const placeholder = defaultOf(segment)
      if (!placeholder || textOf(pattern.segments[index]) !== placeholder.fallback?.value) return []
      if (!canMeet(pattern, read.template) || isElsewhere(rule, placeholder, index, read)) return []
      return [warningOf(rule, pattern, placeholder, read)]
    }),
  )
  return found.slice(0, 1)
}

/** Whether the rule evicts by another pattern what is kept of absent values. */
function isElsewhere(
  { patterns }: EvictRule,
  { fallback }: Placeholder,
  index: number,
  { template }: CacheableRule,
): boolean {
  return patterns.some((other) => {
    const segment = other.segments[index] ?? other.segments.at(-1)
    const names = segment === ANY || textOf(segment) === fallback?.spelling
    return names && canMeet(other, template)
  })
}

function warningOf(
  { where }: EvictRule,
  { text }: Template,
  { text: placeholder, fallback }: Placeholder,
  read: CacheableRule,
): string {
  return `${where}: the pattern '${text}' evicts the value '${fallback?.value}' and leaves what ${read.where} keeps where ${placeholder} has none, which is spelt '${fallback?.spelling}'. Evict that as well; or write ${placeholder.replace('|', '|=')} there, if both get the same answer.`
}

/** The placeholder that is all of a segment, if its default is told from the value of that text. */
function defaultOf(segment: Segment): Placeholder | undefined {
  const [part, ...others] = segment === ANY ? [] : segment
  if (part === undefined || typeof part === 'string' || others.length > 0) return undefined
  return part.fallback && isApart(part.fallback) ? part : undefined
}

function textOf(segment: Segment | undefined): string | undefined {
  const [part, ...others] = segment === undefined || segment === ANY ? [] : segment
  return typeof part === 'string' && others.length === 0 ? part : undefined
}
