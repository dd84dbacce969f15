import type { CacheParts } from '../../cache-parts.js'
import { eventHeardBy } from '../../monitoring/process-report.js'
import { mapOfRules, type RuleMap } from '../../monitoring/rule-map.js'

/** What `check` says of one cache of an application. */
export interface CheckedCache {
  readonly keyPrefix: string
  readonly store: 'memory' | 'redis'
  readonly map: RuleMap
  /** In milliseconds, by the names of reads. */
  readonly ttls: ReadonlyMap<string, number>
}

/** Call it once the rules know their routes: they are named by them. */
export function checkedCache(parts: CacheParts): CheckedCache {
  const rules = parts.registry.list()
  const map = mapOfRules(rules, (where) => eventHeardBy(parts.monitor, where))
  const reads = rules.filter((rule) => rule.kind === 'cacheable')
  const ttls = new Map(map.reads.map(({ name }, index) => [name, reads[index]?.ttlMs ?? 0]))
  return { keyPrefix: parts.options.keyPrefix, store: parts.store.kind, map, ttls }
}
