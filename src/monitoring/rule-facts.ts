import { ALL_TABLES, ANY_TABLE } from '../dependencies/table-tags.js'
import type { Template } from '../keys/template.js'
import { writtenBy } from '../rules/eviction-targets.js'
import type { CacheableRule, Rule, WriteRule } from '../rules/rule.js'
import { nameOf } from '../rules/rule-routes.js'
import { groupBy } from '../tools/group-by.js'
import { tableOfTag } from './table-of-tag.js'

/** What a rule for reading declares, in texts that another process can read. */
export interface ReadFacts {
  readonly name: string
  /** Of its keys. */
  readonly template: string
  /** Templates, without those of tables. */
  readonly tags: readonly string[]
  readonly tables: readonly string[]
}

/** What the rules of one route or method for writing declare. */
export interface WriteFacts {
  readonly name: string
  /** Classes and methods, or calls; mostly one. */
  readonly where: string
  readonly patterns: readonly string[]
  readonly tags: readonly string[]
  readonly tables: readonly string[]
}

export function factsOfRead(rule: CacheableRule): ReadFacts {
  return { name: nameOf(rule), template: rule.key, ...factsOfTags(rule.tags) }
}

export function factsOfReads(rules: readonly Rule[]): readonly ReadFacts[] {
  return rules.flatMap((rule) => (rule.kind === 'cacheable' ? factsOfRead(rule) : []))
}

export function factsOfWrites(rules: readonly Rule[]): readonly WriteFacts[] {
  const writes = rules.filter((rule): rule is WriteRule => rule.kind !== 'cacheable')
  return [...groupBy(writes, nameOf)].map(([name, ofName]) => {
    const written = ofName.map(writtenBy)
    return {
      name,
      where: [...new Set(ofName.map(({ where }) => where))].join(', '),
      patterns: [...new Set(written.flatMap(({ patterns }) => patterns.map(({ text }) => text)))],
      ...factsOfTags(written.flatMap(({ tags }) => tags)),
    }
  })
}

/** Tables are tags too, whose texts nobody writes. */
function factsOfTags(templates: readonly Template[]): Pick<ReadFacts, 'tags' | 'tables'> {
  const tags = new Set<string>()
  const tables = new Set<string>()
  for (const { text, placeholders } of templates) {
    const table = placeholders.length === 0 ? tableOfTag(text) : undefined
    if (table !== undefined) tables.add(table)
    else if (text !== ANY_TABLE && text !== ALL_TABLES) tags.add(text)
  }
  return { tags: [...tags], tables: [...tables] }
}
