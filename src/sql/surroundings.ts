import type { Catalogue } from './catalogue.js'
import type { Table } from './relation.js'
import type { StatementReader } from './statement-reader.js'

/** What a function reads and writes, as the application has declared it. */
export interface FunctionTables {
  readonly reads: readonly Table[]
  readonly writes: readonly Table[]
}

/** What is known beside a statement's own text. */
export interface Surroundings {
  readonly reader: StatementReader
  readonly catalogue: Catalogue
  /** By `name` or `schema.name`. */
  readonly functions: ReadonlyMap<string, FunctionTables>
  /** The tables that the triggers of a table or a view write, by its plain name. */
  readonly triggers: ReadonlyMap<string, readonly Table[]>
}
