import type { Table } from './relation.js'

/** Rows whose column is null. */
export const NULL = Symbol('null')

/** A value that a statement names: in its text, or by a parameter, counted from 0. */
export type Operand =
  | { readonly literal: string | boolean }
  | { readonly param: number }
  /** The values of an array. */
  | { readonly arrayParam: number }
  | typeof NULL

/** Columns of which only rows with one of these values matter. */
export type Fixed = ReadonlyMap<string, readonly Operand[]>

/** A table that a statement reads: its result depends on no other rows of it. */
export interface TableRead {
  readonly table: Table
  readonly fixed: Fixed
}

/** What a column is set to; undefined where only PostgreSQL knows. */
export type Assigned = { readonly operand: Operand } | { readonly excluded: string } | undefined

export type Assignments = ReadonlyMap<string, Assigned>

/** What a statement does to a table. */
export type TableWrite = { readonly table: Table } & (
  | { readonly kind: 'insert'; readonly insert: Insert; readonly returned: Returned | undefined }
  | {
      readonly kind: 'update'
      readonly fixed: Fixed
      readonly set: Assignments
      readonly returned: Returned | undefined
    }
  | { readonly kind: 'delete'; readonly fixed: Fixed; readonly returned: Returned | undefined }
  /** It may do anything to any of its rows. */
  | { readonly kind: 'any' }
  | { readonly kind: 'truncate'; readonly isCascading: boolean }
)

export interface Insert {
  /** undefined where they are what a query gives. */
  readonly rows: readonly Assignments[] | undefined
  /** What becomes of a row that is there already. */
  readonly update: { readonly columns: readonly string[]; readonly set: Assignments } | undefined
}

/** The names under which the rows of a result have the columns of a table. */
export type Returned = ReadonlyMap<string, string>

/** All that a statement does. */
export interface Effects {
  readonly reads: readonly TableRead[]
  readonly writes: readonly TableWrite[]
  /** It reads what nobody can see here. */
  readonly readsUnknown: boolean
  readonly writesUnknown: boolean
  /** What the application may declare, so that all is known. */
  readonly undeclared: readonly string[]
  /** Parameters that stand also where they may have a type that does not compare as the column's does. */
  readonly looseParams: ReadonlySet<number>
  /** Names without a schema may mean other tables after it. */
  readonly changesPath: boolean
}
