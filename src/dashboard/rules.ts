import type { Engine } from '../engine/engine.js'
import { literalPrefixOfPattern } from '../keys/glob.js'
import { literalPrefixOf } from '../keys/template.js'
import { mergeRules, mergeWrites } from '../monitoring/merge-reports.js'
import { mapOf } from '../monitoring/rule-map.js'
import type { DashboardRule, MapAnswer, RulesAnswer } from './dashboard-api.js'
import type { Look } from './looking.js'

/** All rules for reading, with what evicts them. */
export async function rulesOf(look: Look, engine: Pick<Engine, 'count'>): Promise<RulesAnswer> {
  const { edges } = ruleMapOf(look)
  const merged = mergeRules(look.reports)
  const rules = await Promise.all(
    merged.map(async (rule): Promise<DashboardRule> => {
      const prefix = prefixOf(rule.key)
      return {
        ...rule,
        keysHeld: prefix === '' ? null : await engine.count(prefix),
        neverHit: rule.hits === 0,
        neverEvicted: rule.evictions === 0,
        evictedBy: [...new Set(edges.flatMap(({ read, write }) => (read === rule.name ? write : [])))],
      }
    }),
  )
  return { at: Date.now(), rules }
}

export function ruleMapOf({ reports }: Look): MapAnswer {
  const reads = mergeRules(reports).map(({ name, key, tags, tables }) => ({
    name,
    template: key,
    tags,
    tables,
  }))
  return mapOf(reads, mergeWrites(reports))
}

/** What all keys of a rule begin with; empty, where that is nothing or only a function knows. */
function prefixOf(key: string): string {
  if (/[()]|=>/.test(key)) return ''
  return literalPrefixOfPattern(literalPrefixOf({ text: key, segments: [], placeholders: [] })).text
}
