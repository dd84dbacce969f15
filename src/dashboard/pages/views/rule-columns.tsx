import type { ComponentChildren } from 'preact'
import type { DashboardRule } from '../../dashboard-api.js'
import { bytes, count, duration, latency, NOTHING } from '../format.js'
import { Share } from '../parts/share.js'

export interface RuleColumn {
  readonly id: string
  readonly title: string
  readonly value: (rule: DashboardRule) => number
  readonly cell: (rule: DashboardRule) => ComponentChildren
}

export const RULE_COLUMNS: readonly RuleColumn[] = [
  {
    id: 'requests',
    title: 'Requests',
    value: requestsOf,
    cell: (rule) => count(requestsOf(rule)),
  },
  {
    id: 'rate',
    title: 'Hit rate',
    value: ({ hits, misses }) => (hits + misses === 0 ? -1 : hits / (hits + misses)),
    cell: ({ hits, misses }) => <Share part={hits} whole={hits + misses} />,
  },
  {
    id: 'bypasses',
    title: 'Bypasses',
    value: ({ bypasses }) => bypasses,
    cell: ({ bypasses }) => count(bypasses),
  },
  { id: 'loads', title: 'Loads', value: ({ loads }) => loads, cell: ({ loads }) => count(loads) },
  {
    id: 'load',
    title: 'Load p50',
    value: ({ loadLatency }) => loadLatency.p50Ms ?? -1,
    cell: ({ loadLatency }) => latency(loadLatency.p50Ms),
  },
  {
    id: 'saved',
    title: 'Saved',
    value: savedOf,
    cell: (rule) => (savedOf(rule) === 0 ? NOTHING : duration(savedOf(rule))),
  },
  {
    id: 'keys',
    title: 'Keys',
    value: ({ keysHeld }) => keysHeld ?? -1,
    cell: ({ keysHeld }) => (keysHeld === null ? NOTHING : count(keysHeld)),
  },
  {
    id: 'bytes',
    title: 'Stored',
    value: ({ storedBytes }) => storedBytes,
    cell: ({ storedBytes }) => bytes(storedBytes),
  },
  { id: 'ttl', title: 'TTL', value: ({ ttlMs }) => ttlMs, cell: ({ ttlMs }) => duration(ttlMs) },
]

export function requestsOf({ hits, misses, bypasses }: DashboardRule): number {
  return hits + misses + bypasses
}

/** What handlers would have taken for the answers of its hits, by the middle of what they take. */
function savedOf({ hits, loadLatency }: DashboardRule): number {
  return hits * (loadLatency.p50Ms ?? 0)
}

export function columnNamed(id: string): RuleColumn {
  const [first] = RULE_COLUMNS
  const found = RULE_COLUMNS.find((column) => column.id === id) ?? first
  if (!found) throw new Error('The table of rules has no columns.')
  return found
}

export function sorted(
  rules: readonly DashboardRule[],
  { value }: RuleColumn,
  isDescending: boolean,
): readonly DashboardRule[] {
  const sign = isDescending ? -1 : 1
  return [...rules].sort(
    (one, other) => sign * (value(one) - value(other)) || one.name.localeCompare(other.name),
  )
}
