import type { ColumnRef } from 'libpg-query'
import type { Column, Columns, Table } from './relation.js'
import type { Operand } from './statement.js'
import { namesOf } from './syntax.js'

/** A table in FROM, or the one that a statement writes, with what is known of the rows that matter. */
export interface Reference {
  /** By which the statement calls it. */
  readonly alias: string
  /** undefined where it has an alias, which hides it. */
  readonly schema: string | undefined
  readonly table: Table
  /** Empty where other names were given to them. */
  readonly columns: Columns
  readonly fixed: Map<string, readonly Operand[]>
  /** On the side of an outer join that is filled with nulls. */
  isNullable: boolean
}

export interface ColumnReference {
  readonly reference: Reference
  readonly column: Column
}

/** What names of columns may stand for at one place of a statement. */
export interface Names {
  readonly references: readonly Reference[]
  /** Columns that a join has made one of, by USING; `all` after NATURAL. */
  readonly merged: ReadonlySet<string> | 'all'
}

/**
 * The column that a name stands for, if it is one of these tables; undefined if it may be another's. A name that two of
 * them have is an error to PostgreSQL, and a name that one of them has is never one of an outer query.
 */
export function columnNamed(
  { fields }: ColumnRef,
  { references, merged }: Names,
): ColumnReference | undefined {
  const names = namesOf(fields)
  if (names === undefined) return undefined
  const [name = '', alias, schema] = [...names].reverse()
  if (names.length > 3) return undefined
  if (alias === undefined && (merged === 'all' || merged.has(name))) return undefined
  const found = references.filter(
    (reference) =>
      (alias === undefined || reference.alias === alias) &&
      (schema === undefined || reference.schema === schema) &&
      reference.columns.has(name),
  )
  const [reference] = found
  const column = reference?.columns.get(name)
  return reference && column && found.length === 1 ? { reference, column } : undefined
}
