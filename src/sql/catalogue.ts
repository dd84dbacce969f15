import { groupBy } from '../tools/group-by.js'
import { CATALOGUE_QUERY, type CatalogueRows, type FunctionRow } from './catalogue-query.js'
import { relationsOf } from './catalogue-relations.js'
import { plainName, type Relation, type Table } from './relation.js'

export type Query = (sql: string) => Promise<readonly Record<string, unknown>[]>

/** What a database says of itself: its tables, and what else decides what a statement reads and writes. */
export class Catalogue {
  readonly #relations: ReadonlyMap<string, Relation | undefined>
  readonly #functions: ReadonlyMap<string, readonly FunctionRow[]>
  readonly #operators: ReadonlyMap<string, readonly string[]>
  #path: readonly string[]

  constructor(rows: CatalogueRows) {
    this.#relations = relationsOf(rows)
    this.#functions = groupBy(rows.functions ?? [], ({ name }) => name)
    const operators = groupBy(rows.operators ?? [], ({ name }) => name)
    this.#operators = new Map(
      [...operators].map(([name, calls]) => [name, calls.map((call) => call.function)]),
    )
    this.#path = rows.path ?? []
  }

  /** Asks the database once. */
  static async read(query: Query): Promise<Catalogue> {
    const [row] = await query(CATALOGUE_QUERY)
    return new Catalogue(JSON.parse(String(row?.catalogue)) as CatalogueRows)
  }

  /** The tables by the names that people give them. */
  get tables(): ReadonlyMap<string, Table> {
    const relations = [...this.#relations.values()]
    const tables = relations.flatMap((relation) => (relation?.kind === 'table' ? [relation.table] : []))
    return new Map(tables.map((table) => [plainName(table), table]))
  }

  /** Whether people's name for a table or a view is one of this database. */
  has(name: string): boolean {
    return this.#relations.get(name) !== undefined || this.#relations.get(`public.${name}`) !== undefined
  }

  /** Whether these schemas, of which some may not be there, are those in which names are looked for. */
  isPath(schemas: readonly string[]): boolean {
    const there = schemas.filter((schema) => this.#path.includes(schema))
    const others = schemas.filter((schema) => !this.#path.includes(schema))
    const hasOthers = others.some((schema) => schema.startsWith('pg_') || this.#hasTablesIn(schema))
    return there.length > 0 && there.join() === this.#path.join() && !hasOthers
  }

  get hasPath(): boolean {
    return this.#path.length > 0
  }

  /** From now on, a name without a schema may mean any table. */
  forgetPath(): void {
    this.#path = []
  }

  /** undefined for a name that is not in the catalogue, or is not the name of a table or a view. */
  relation(name: string, schema?: string): Relation | undefined {
    const schemas = schema === undefined ? this.#path : [schema]
    const found = schemas.find((candidate) => this.#relations.has(`${candidate}.${name}`))
    return found === undefined ? undefined : this.#relations.get(`${found}.${name}`)
  }

  /** Those of the database's own with that name; PostgreSQL's own are not among them. */
  functions(name: string): readonly FunctionRow[] {
    return this.#functions.get(name) ?? []
  }

  /** The functions that an operator of that name may call, if the database has one of its own. */
  functionsOfOperator(name: string): readonly string[] {
    return this.#operators.get(name) ?? []
  }

  #hasTablesIn(schema: string): boolean {
    return [...this.#relations.keys()].some((name) => name.startsWith(`${schema}.`))
  }
}
