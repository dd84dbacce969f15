import { tableName } from '../dependencies/table-tags.js'
import { Catalogue, type Query } from '../sql/catalogue.js'
import { plainName } from '../sql/relation.js'
import { unionOfShapes } from '../tracking/shapes.js'
import { type TrackedTable, TrackedTables } from '../tracking/tracked-table.js'

export interface FollowedTablesOptions {
  /** As of `TrackerOptions`. */
  readonly database?: string | undefined
  /** Tables that no answer is made from, as people name them. */
  readonly ignore?: readonly string[] | undefined
}

/** What is known of a table whose rows change. */
export type FollowedTable =
  /** Its rows make tags. */
  | { readonly kind: 'known'; readonly table: TrackedTable }
  /** It is not in the catalogue yet; its name in tags. */
  | { readonly kind: 'new'; readonly name: string }
  | { readonly kind: 'ignored' }

/** The tables of a followed database as its catalogue has them, and what they are called in tags. */
export class FollowedTables {
  readonly #query: Query
  readonly #options: FollowedTablesOptions
  #catalogue: Catalogue
  #tracked: TrackedTables
  /** Those that a change of the catalogue took the place of: who reads may not have heard of it yet. */
  readonly #before = new Map<string, TrackedTable>()

  private constructor(query: Query, options: FollowedTablesOptions, catalogue: Catalogue) {
    this.#query = query
    this.#options = options
    this.#catalogue = catalogue
    this.#tracked = new TrackedTables(options.database)
  }

  /** Asks the database once. */
  static async read(query: Query, options: FollowedTablesOptions): Promise<FollowedTables> {
    return new FollowedTables(query, options, await Catalogue.read(query))
  }

  /** Reads the catalogue again, after it has changed. What was found before is what it was. */
  async refresh(): Promise<void> {
    const catalogue = await Catalogue.read(this.#query)
    for (const table of this.#catalogue.tables.values()) {
      const tracked = this.#withShapesOfBefore(this.#tracked.get(table))
      this.#before.set(tracked.name, tracked)
    }
    this.#catalogue = catalogue
    this.#tracked = new TrackedTables(this.#options.database)
  }

  /** A table by its names in the database; of a partition, the table that it belongs to. */
  find(schema: string, name: string): FollowedTable {
    const relation = this.#catalogue.relation(name, schema)
    const ignored = this.#options.ignore ?? []
    if (relation?.kind !== 'table') {
      return ignored.includes(plainName({ schema, name }))
        ? { kind: 'ignored' }
        : { kind: 'new', name: tableName(name, schema, this.#options.database) }
    }
    if (ignored.includes(plainName(relation.table))) return { kind: 'ignored' }
    return { kind: 'known', table: this.#withShapesOfBefore(this.#tracked.get(relation.table)) }
  }

  /** Those tables that rows are followed of, as people name them. */
  get names(): readonly string[] {
    const ignored = this.#options.ignore ?? []
    return [...this.#catalogue.tables.keys()].filter((name) => !ignored.includes(name))
  }

  #withShapesOfBefore(table: TrackedTable): TrackedTable {
    const before = this.#before.get(table.name)
    return before ? { ...table, shapes: unionOfShapes(table.shapes, before.shapes) } : table
  }
}
