import type { CacheStatistics } from 'express-cacheable'

type Store = CacheStatistics['store']

/** From well to ill. */
const CIRCUITS: readonly Store['circuit'][] = ['closed', 'half-open', 'open']

/** Makes one account of those of several processes; a store is as well as the process that is worst off says. */
export function totalStatistics(parts: readonly CacheStatistics[]): CacheStatistics {
  const sum = (count: (part: CacheStatistics) => number): number =>
    parts.reduce((total, part) => total + count(part), 0)
  const [hits, misses, bypasses] = [
    sum((part) => part.hits),
    sum((part) => part.misses),
    sum((part) => part.bypasses),
  ]
  const total = hits + misses
  return {
    hits,
    misses,
    total,
    hitRate: `${(total === 0 ? 0 : (hits / total) * 100).toFixed(2)}%`,
    bypasses,
    requests: total + bypasses,
    stale: sum((part) => part.stale),
    collapsed: sum((part) => part.collapsed),
    fills: sum((part) => part.fills),
    refusedFills: sum((part) => part.refusedFills),
    evicted: sum((part) => part.evicted),
    failedWrites: sum((part) => part.failedWrites),
    keptEvictions: sum((part) => part.keptEvictions),
    missedIntents: sum((part) => part.missedIntents),
    lateBarriers: sum((part) => part.lateBarriers),
    forgotten: sum((part) => part.forgotten),
    store: {
      kind: parts.every(({ store }) => store.kind === 'redis') ? 'redis' : 'memory',
      available: parts.every(({ store }) => store.available),
      circuit: worstOf(parts.map(({ store }) => store.circuit)),
      owedEvictions: sum(({ store }) => store.owedEvictions),
    },
    rules: parts.flatMap(({ rules }) => rules),
  }
}

function worstOf(circuits: readonly Store['circuit'][]): Store['circuit'] {
  return CIRCUITS[Math.max(0, ...circuits.map((circuit) => CIRCUITS.indexOf(circuit)))] as Store['circuit']
}
