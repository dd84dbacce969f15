import { tableName } from '../dependencies/table-tags.js'
import type { Table } from '../sql/relation.js'
import { type Shape, shapesOf } from './shapes.js'

/** A table with its name and its groups in tags. */
export interface TrackedTable {
  readonly table: Table
  readonly name: string
  readonly shapes: readonly Shape[]
}

/** Finds the name and the groups of each table once. */
export class TrackedTables {
  readonly #database: string | undefined
  readonly #tracked = new Map<Table, TrackedTable>()

  constructor(database: string | undefined) {
    this.#database = database
  }

  get(table: Table): TrackedTable {
    const known = this.#tracked.get(table)
    if (known) return known
    const name = tableName(table.name, table.schema, this.#database)
    const tracked = { table, name, shapes: shapesOf(table, name) }
    this.#tracked.set(table, tracked)
    return tracked
  }
}
