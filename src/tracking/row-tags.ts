import { LRUCache } from 'lru-cache'
import { ALL_TABLES, ANY_TABLE } from '../dependencies/table-tags.js'
import type { RowsOfSubject, Subject, ToldColumns } from '../dependencies/tracked-rows.js'
import { Analyser } from '../sql/analyser.js'
import { Catalogue, type Query } from '../sql/catalogue.js'
import { withoutLongLists } from '../sql/long-lists.js'
import { StatementReader } from '../sql/statement-reader.js'
import { Consequences, type DeclaredTriggers } from './consequences.js'
import { type DeclaredFunction, declaredFunctions, declaredTriggers } from './declared-tables.js'
import type { ReadGroup } from './read-groups.js'
import { type Rows, rowChanges } from './row-changes.js'
import { rowsOfSubject } from './rows-of-subject.js'
import { planOf, type TextKind, type TextPlan } from './text-plan.js'
import { TrackedTables } from './tracked-table.js'
import { tagsOfChanges } from './written-tags.js'

export interface RowTagsOptions {
  /** Runs a statement on the database, and gives its rows by the names of their columns. */
  readonly query: Query
  /** Tells the tables of two databases apart that one cache is used for. */
  readonly database?: string | undefined
  /** The tables that triggers and rules write, by the table that has them. */
  readonly triggers?: Readonly<Record<string, readonly string[]>> | undefined
  /** The tables that functions read and write which are not PostgreSQL's own. */
  readonly functions?: Readonly<Record<string, DeclaredFunction>> | undefined
  /** Hears once of each thing that would have to be declared. */
  readonly warn: (message: string) => void
}

const MOST_TEXTS = 2_000
const MOST_CHARACTERS = 16 * 1_024 * 1_024

/** In place of a table's name, for reads of which no table is known. */
const NO_TABLE = ''

/** What belongs to one reading of the catalogue. */
interface Known {
  readonly catalogue: Catalogue
  readonly analyser: Analyser
  readonly tables: TrackedTables
  readonly triggers: DeclaredTriggers
}

/** The tags of what statements read and write, in one database. */
export class RowTags {
  readonly #options: RowTagsOptions
  readonly #reader: StatementReader
  readonly #plans = new LRUCache<string, TextPlan>({
    max: MOST_TEXTS,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_, text) => text.length + 1,
  })
  readonly #warned = new Set<string>()
  #known: Known

  private constructor(options: RowTagsOptions, reader: StatementReader, known: Known) {
    this.#options = options
    this.#reader = reader
    this.#known = known
  }

  /**
   * Reads the catalogue of a database.
   *
   * @throws CacheError `E_CACHE_OPTION` where libpg-query is not installed, or a table is declared that is not there.
   */
  static async open(options: RowTagsOptions): Promise<RowTags> {
    const reader = await StatementReader.load()
    return new RowTags(options, reader, await know(options, reader))
  }

  /** Reads the catalogue again, after tables have changed. */
  async refresh(): Promise<void> {
    this.#known = await know(this.#options, this.#reader)
    this.#plans.clear()
  }

  kindOf(sql: string): TextKind {
    return this.#plan(sql).kind
  }

  /** Whether the session is in a transaction after it that it has begun: also after COMMIT AND CHAIN. */
  beginsTransaction(sql: string): boolean {
    return this.#plan(sql).beginsTransaction
  }

  /** What an answer carries that was made from the result. */
  tagsOfRead(sql: string, args: readonly unknown[]): readonly string[] {
    const groups = this.groupsOfRead(sql, args)
    const { tablesRead } = this.#plan(sql)
    if (groups.length === 0) return tablesRead
    // Nothing is in two of these, nor twice in the tags of one group.
    if (groups.length === 1) return [...tablesRead, ...(groups[0]?.tags ?? [])]
    return [...new Set([...tablesRead, ...groups.flatMap(({ tags }) => tags)])]
  }

  /**
   * The groups of rows that the result was made from, one by one. An entry carries beside their tags those of
   * `tagsOfTable` for each table.
   *
   * @returns With an empty name for a table where anything may have been read.
   */
  groupsOfRead(sql: string, args: readonly unknown[]): readonly ReadGroup[] {
    const { reads, readsUnknown, effects } = this.#plan(sql)
    const looseParams = loose(effects)
    const groups = reads.flatMap((read) => read.groups({ args, looseParams }))
    return readsUnknown ? [...groups, { table: NO_TABLE, tags: [ANY_TABLE] }] : groups
  }

  /**
   * What goes when the statement has been committed.
   *
   * @param rows - All that it returned, by the names of their columns; undefined before it has run, and where they are
   *   not known, or not all of them.
   */
  tagsOfWrite(sql: string, args: readonly unknown[], rows?: Rows): readonly string[] {
    const { writesUnknown, isSingle, effects } = this.#plan(sql)
    if (writesUnknown) return [ANY_TABLE, ALL_TABLES]
    const consequences = new Consequences(this.#known.triggers)
    for (const { writes, looseParams } of effects) {
      for (const write of writes) {
        const changes = rowChanges(write, { args, looseParams }, isSingle ? rows : undefined)
        consequences.add(write, changes)
      }
    }
    if (consequences.undeclared.size === 0) return tagsOfChanges(consequences.changes, this.#known.tables)
    this.#warn(consequences.undeclared)
    return [ANY_TABLE, ALL_TABLES]
  }

  /** Somebody's rows, and what goes with a change of them. */
  rowsOf(subject: Subject, told: ToldColumns | undefined): RowsOfSubject {
    return rowsOfSubject(subject, told, this.#known.catalogue, this.#known.tables)
  }

  #plan(text: string): TextPlan {
    const sql = withoutLongLists(text)
    const known = this.#plans.get(sql)
    if (known) return known
    const plan = this.#newPlan(sql)
    this.#warn(plan.effects.flatMap(({ undeclared }) => undeclared))
    this.#plans.set(sql, plan)
    return plan
  }

  #newPlan(sql: string): TextPlan {
    const { analyser, tables, catalogue } = this.#known
    const plan = planOf(this.#reader.read(sql), analyser, tables)
    if (!catalogue.hasPath || !plan.effects.some(({ changesPath }) => changesPath)) return plan
    catalogue.forgetPath()
    this.#plans.clear()
    this.#warn([
      'a statement changes search_path, so that a name without a schema may mean any table: write the schemas of tables',
    ])
    return this.#newPlan(sql)
  }

  #warn(messages: Iterable<string>): void {
    for (const message of messages) {
      if (this.#warned.has(message)) continue
      this.#warned.add(message)
      this.#options.warn(message)
    }
  }
}

async function know(options: RowTagsOptions, reader: StatementReader): Promise<Known> {
  const catalogue = await Catalogue.read(options.query)
  const triggers = declaredTriggers(options.triggers ?? {}, catalogue)
  const functions = declaredFunctions(options.functions ?? {}, catalogue)
  const analyser = new Analyser({ reader, catalogue, functions, triggers })
  return { catalogue, analyser, triggers, tables: new TrackedTables(options.database) }
}

function loose(effects: TextPlan['effects']): ReadonlySet<number> {
  return effects[0]?.looseParams ?? new Set()
}
