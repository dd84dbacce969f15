import type { JoinExpr } from 'libpg-query'
import type { Names, Reference } from './references.js'
import { namesOf } from './syntax.js'

/** Columns of which a join makes one. */
export function mergedColumns(
  { usingClause, isNatural }: JoinExpr,
  merged: Names['merged'],
): Names['merged'] {
  if (isNatural || merged === 'all') return 'all'
  return usingClause ? new Set([...merged, ...(namesOf(usingClause) ?? [])]) : merged
}

/** Those of the tables whose rows do not matter if they do not satisfy ON. */
export function filteredBy(
  { jointype = 'JOIN_INNER' }: JoinExpr,
  left: readonly Reference[],
  right: readonly Reference[],
): readonly Reference[] {
  if (jointype === 'JOIN_INNER') return [...left, ...right]
  if (jointype === 'JOIN_LEFT') return right
  return jointype === 'JOIN_RIGHT' ? left : []
}

/** Those of the tables in whose place nulls may stand. */
export function filledBy(
  { jointype = 'JOIN_INNER' }: JoinExpr,
  left: readonly Reference[],
  right: readonly Reference[],
): readonly Reference[] {
  if (jointype === 'JOIN_INNER') return []
  if (jointype === 'JOIN_LEFT') return right
  return jointype === 'JOIN_RIGHT' ? left : [...left, ...right]
}
