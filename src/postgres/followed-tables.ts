import { tableName } from '../dependencies/table-tags.js'
import { Catalogue, type Query } from '../sql/catalogue.js'
import { OWN_SCHEMA } from '../sql/catalogue-query.js'
import { type Columns, plainName } from '../sql/relation.js'
import { unionOfShapes } from '../tracking/shapes.js'
import { type TrackedTable, TrackedTables } from '../tracking/tracked-table.js'
import { readFingerprint } from './schema-fingerprint.js'

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
  #version = 0
  #fingerprint: string
  #catalogue: Catalogue
  #tracked: TrackedTables
  /** Those that a change of the catalogue took the place of: who reads may not have heard of it yet. */
  readonly #before = new Map<string, TrackedTable>()

  private constructor(
    query: Query,
    options: FollowedTablesOptions,
    { catalogue, fingerprint }: { readonly catalogue: Catalogue; readonly fingerprint: string },
  ) {
    this.#query = query
    this.#options = options
    this.#fingerprint = fingerprint
    this.#catalogue = catalogue
    this.#tracked = new TrackedTables(options.database)
  }

  static async read(query: Query, options: FollowedTablesOptions): Promise<FollowedTables> {
    return new FollowedTables(query, options, await readCatalogue(query))
  }

  /** Whether something has changed since that answers may be made from: a column, a view, a function. */
  async haveChanged(): Promise<boolean> {
    return (await readFingerprint(this.#query)) !== this.#fingerprint
  }

  /** Reads the catalogue again, after it has changed. What was found before is what it was. */
  async refresh(): Promise<void> {
    const { catalogue, fingerprint } = await readCatalogue(this.#query)
    for (const table of this.#catalogue.tables.values()) {
      const tracked = this.#withShapesOfBefore(this.#tracked.get(table))
      this.#before.set(tracked.name, tracked)
    }
    this.#catalogue = catalogue
    this.#fingerprint = fingerprint
    this.#tracked = new TrackedTables(this.#options.database)
    this.#version += 1
  }

  /** Of the catalogue. */
  get fingerprint(): string {
    return this.#fingerprint
  }

  /** Another once the catalogue has been read again. */
  get version(): number {
    return this.#version
  }

  /** The columns of a table, or of a partition; none for what is neither. */
  columnsOf(schema: string, name: string): Columns {
    const relation = this.#catalogue.relation(name, schema)
    return relation?.kind === 'table' ? relation.columns : new Map()
  }

  /** A table by its names in the database; of a partition, the table that it belongs to. */
  find(schema: string, name: string): FollowedTable {
    // A publication for all tables has the outbox in it, too.
    if (schema === OWN_SCHEMA) return { kind: 'ignored' }
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

/** What changes after the fingerprint was read shows by the next. */
async function readCatalogue(query: Query) {
  const fingerprint = await readFingerprint(query)
  return { fingerprint, catalogue: await Catalogue.read(query) }
}
