/** Types of which two values are equal exactly if their texts in one spelling are. */
export type ColumnFamily = 'integer' | 'text' | 'uuid' | 'boolean' | 'enum'

/** PostgreSQL's own such types. */
export const FAMILIES: ReadonlyMap<string, ColumnFamily> = new Map([
  ['int2', 'integer'],
  ['int4', 'integer'],
  ['int8', 'integer'],
  ['text', 'text'],
  ['varchar', 'text'],
  ['uuid', 'uuid'],
  ['bool', 'boolean'],
])

export interface Column {
  readonly name: string
  /** undefined: its values are not compared here. */
  readonly family: ColumnFamily | undefined
  /** Of an enum, as `schema.name`. */
  readonly enumType: string | undefined
  /** Has a length: PostgreSQL drops blanks at the end that are too many. */
  readonly isLimited: boolean
  /** What a row has for which nobody gave a value: null, or whatever PostgreSQL computes. */
  readonly hasDefault: boolean
  readonly isGenerated: boolean
}

export type Columns = ReadonlyMap<string, Column>

export interface Index {
  readonly columns: readonly string[]
  readonly isPrimary: boolean
  readonly isUnique: boolean
}

export type KeyAction = 'nothing' | 'cascade' | 'set null' | 'set default'

export interface ForeignKey {
  readonly table: Table
  readonly columns: readonly string[]
  readonly referenced: Table
  readonly referencedColumns: readonly string[]
  readonly onDelete: KeyAction
  readonly onUpdate: KeyAction
}

export type RowEvent = 'insert' | 'update' | 'delete' | 'truncate'

export interface Trigger {
  readonly name: string
  readonly events: ReadonlySet<RowEvent>
  /** Runs before its row is written, and may change it. */
  readonly isBefore: boolean
  /** A rule: what is written may not be what the statement says. */
  readonly isRule: boolean
}

/** A table with its partitions and all that inherit from it: what is written to one may be read from the other. */
export interface Table {
  readonly schema: string
  readonly name: string
  readonly columns: Columns
  /** Those without a condition, each with its columns up to its first expression. */
  readonly indexes: readonly Index[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly referencedBy: readonly ForeignKey[]
  readonly triggers: readonly Trigger[]
  readonly isPartitioned: boolean
  /** What its row-level security looks at, as SQL. */
  readonly policies: readonly string[]
}

/** What a name in a statement stands for. */
export type Relation =
  | { readonly kind: 'table'; readonly table: Table; readonly columns: Columns }
  | {
      readonly kind: 'view'
      readonly schema: string
      readonly name: string
      readonly definition: string
      readonly triggers: readonly Trigger[]
    }

/** As people say it, and as options name it. */
export function plainName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return schema === 'public' ? name : `${schema}.${name}`
}
