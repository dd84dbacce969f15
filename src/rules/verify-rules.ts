import { CacheError } from '../errors.js'
import { canMeet, shapeOf } from '../keys/overlap.js'
import type { Template } from '../keys/template.js'
import type { CacheableRule, PutRule, Rule } from './rule.js'

/**
 * Checks what only all rules together can show.
 *
 * @throws CacheError `E_CACHE_RULE_CONFLICT` for a put under a key whose entries have a version, or tags or tables that it does not give; `E_CACHE_KEY_OVERLAP` if one rule's key could be another's by accident, or if two rules
 *   keep entries under one key beyond their TTL for different times;
 *   `E_CACHE_PATTERN_UNREACHABLE` if a pattern covers no key that a rule or `externalKeys` declares.
 */
export function verifyRules(rules: readonly Rule[], externalTemplates: readonly Template[]): void {
  const [first] = mistakesOf(rules, externalTemplates)
  if (first) throw first
}

/** What is wrong, in the order in which it is looked for; nothing is looked for before it is asked. */
export function* mistakesOf(
  rules: readonly Rule[],
  externalTemplates: readonly Template[],
): Generator<CacheError> {
  const all = rules.filter((rule) => rule.kind !== 'evict')
  const keyed = all.filter(isKnown)
  const reads = keyed.filter((rule) => rule.kind === 'cacheable')
  yield* overlapsOf(reads)
  yield* gracesOf(reads)
  yield* putsOf(
    keyed.filter((rule) => rule.kind === 'put'),
    reads,
  )
  // What functions give that do not say which keys these are, any pattern may have been written for.
  if (keyed.length < all.length) return
  const templates = [...keyed.map((rule) => rule.template), ...externalTemplates]
  for (const rule of rules) {
    if (rule.kind !== 'evict') continue
    for (const pattern of rule.patterns) {
      if (templates.some((template) => canMeet(pattern, template))) continue
      yield unreachablePattern(pattern, rule.where, templates)
    }
  }
}

function isKnown(rule: CacheableRule | PutRule): boolean {
  return rule.kind === 'put' || !rule.functionKey || rule.functionKey.isDeclared
}

/** What makes the keys of a rule: rules that have the same share entries on purpose. */
function sourceOf({ functionKey, template }: CacheableRule): unknown {
  return functionKey?.function ?? shapeOf(template)
}

/**
 * The same shape twice is a choice: two routes share an entry. So is a put, which is there to write what another
 * route reads. Two routes whose shapes differ and can meet are an accident.
 */
function* overlapsOf(rules: readonly CacheableRule[]): Generator<CacheError> {
  const byShape = new Map(rules.map((rule) => [sourceOf(rule), rule]))
  const distinct = [...byShape.values()]
  for (const [index, rule] of distinct.entries()) {
    const other = distinct.slice(index + 1).find((later) => canMeet(rule.template, later.template))
    if (!other) continue
    yield new CacheError('E_CACHE_KEY_OVERLAP', {
      where: other.where,
      problem: `the key '${other.key}' and the key '${rule.key}' of ${rule.where} can be the same text for different answers`,
      mend: `Give one of them a fixed segment of its own, such as '${withOwnSegment(other.key)}'.`,
    })
  }
}

/**
 * Rules that share a key tell fresh from stale by what the entry has left to live, less their own grace: with
 * different graces, what one stores as stale is fresh to the other.
 */
function* gracesOf(rules: readonly CacheableRule[]): Generator<CacheError> {
  const byShape = new Map<unknown, CacheableRule>()
  for (const rule of rules) {
    const shape = sourceOf(rule)
    const other = byShape.get(shape) ?? rule
    byShape.set(shape, other)
    if (other.graceMs === rule.graceMs) continue
    yield new CacheError('E_CACHE_KEY_OVERLAP', {
      where: rule.where,
      problem: `the key '${rule.key}' and the key '${other.key}' of ${other.where} are the same, but entries are kept beyond their TTL for ${rule.graceMs / 1_000} s and for ${other.graceMs / 1_000} s`,
      mend: 'Give both rules the same staleWhileRevalidate and staleIfError (the longer of the two counts), or keys of their own.',
    })
  }
}

/** A put stores under the key alone, where no rule with a version looks. */
function* putsOf(puts: readonly PutRule[], reads: readonly CacheableRule[]): Generator<CacheError> {
  for (const put of puts) {
    yield* putTagsOf(put, reads)
    const reader = reads.find(
      ({ version, template }) => version !== undefined && canMeet(template, put.template),
    )
    if (!reader) continue
    yield new CacheError('E_CACHE_RULE_CONFLICT', {
      where: put.where,
      problem: `@CachePut stores under '${put.key}', and ${reader.where} reads version '${reader.version}' of that key`,
      mend: 'Use @CacheEvict, which removes the entries of all versions.',
    })
  }
}

/** What a put stores without tags, no eviction by tag finds. */
function* putTagsOf(put: PutRule, reads: readonly CacheableRule[]): Generator<CacheError> {
  const reader = reads.find(
    (rule) =>
      (lacks(put.tags, rule.tags) || lacks(put.reads, rule.reads)) && canMeet(rule.template, put.template),
  )
  if (!reader) return
  const isTables = lacks(put.reads, reader.reads)
  const names = isTables ? reader.reads : reader.tags.map(({ text }) => text)
  yield new CacheError('E_CACHE_RULE_CONFLICT', {
    where: put.where,
    problem: isTables
      ? `@CachePut stores under '${put.key}' without 'reads', and ${reader.where} says of which tables the entries of that key are made`
      : `@CachePut stores under '${put.key}' without tags, and ${reader.where} gives the entries of that key some`,
    mend: `Give it the same, such as { ${isTables ? 'reads' : 'tags'}: ['${names[0]}'] }, or use @CacheEvict.`,
  })
}

function lacks(own: readonly unknown[], others: readonly unknown[]): boolean {
  return own.length === 0 && others.length > 0
}

function withOwnSegment(key: string): string {
  const [first, ...rest] = key.split(':')
  return [first, 'by-something', ...rest].join(':')
}

function unreachablePattern(pattern: Template, where: string, templates: readonly Template[]): CacheError {
  const known = templates.map(({ text }) => `'${text}'`)
  return new CacheError('E_CACHE_PATTERN_UNREACHABLE', {
    where,
    problem: `no key of this cache can match the pattern '${pattern.text}'`,
    mend:
      known.length === 0
        ? `No key is declared: add @Cacheable to a route, or name keys that others write in createCache({ externalKeys: ['${asKey(pattern)}'] }).`
        : `Keys are ${[...new Set(known)].join(', ')}. Mend the pattern, or name keys that others write in createCache({ externalKeys: […] }).`,
  })
}

/** A key template that the pattern covers. */
function asKey({ text }: Template): string {
  return text.replaceAll(/(?<=^|:)\*(?=:|$)/g, '{id}')
}
