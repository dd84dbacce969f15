import type { CacheParts } from '../cache-parts.js'
import type { PreparedCommit } from '../checking/derived-evictions.js'
import type { LoadTags } from '../dependencies/load-tags.js'
import { ALL_TABLES, ANY_TABLE } from '../dependencies/table-tags.js'
import type { RowsOfSubject, Subject, ToldColumns, TrackedRows } from '../dependencies/tracked-rows.js'
import { reasonOf } from '../tools/reason-of.js'
import { RowTags } from '../tracking/row-tags.js'
import type { TrackerOptions } from './tracker-options.js'
import { UnitOfWork } from './unit-of-work.js'

export type Row = Readonly<Record<string, unknown>>
export type Query = (sql: string) => Promise<readonly Row[]>

/** More returned rows than these are not looked at: which rows of the table were written counts as unknown then. */
const MOST_RETURNED = 100

/** One statement, and how it is run. */
export interface TrackedStatement<Result> {
  readonly sql: string
  readonly args: readonly unknown[]
  /** The loads that its result is for. */
  readonly loads: readonly LoadTags[]
  /** Of the transaction or the session that it is in; undefined for one that certainly stands alone. */
  readonly work: UnitOfWork | undefined
  readonly run: () => Promise<Result>
  /** Whether, once it has run, its transaction goes on. */
  readonly isOpen: () => boolean
  /** The rows that it returned; `undefined` where nobody can tell. */
  readonly rowsOf: (result: Result) => readonly Row[] | undefined
}

type StatementWithin<Result> = TrackedStatement<Result> & { readonly work: UnitOfWork }

/** A statement or a commit that the database did not carry out, or nobody knows. */
interface Failed extends Pick<TrackedStatement<unknown>, 'isOpen'> {
  readonly work: UnitOfWork
  readonly tags: readonly string[]
  readonly isCommit: boolean
}

export interface TrackedDatabaseOptions extends TrackerOptions {
  readonly parts: CacheParts
  /** Whether the database itself has said no: what failed so has not happened. */
  readonly isRefusal: (error: unknown) => boolean
}

/**
 * Follows the statements that a process sends to one database. Loads get tags of the groups of rows they read; what is
 * written is evicted after its commit, and before whoever made it hears of that.
 */
export class TrackedDatabase implements TrackedRows {
  readonly #options: TrackedDatabaseOptions
  #rowTags: RowTags | undefined
  #opening: Promise<RowTags> | undefined

  constructor(options: TrackedDatabaseOptions) {
    this.#options = options
    const { parts, database = '' } = options
    if (!parts.tracked.has(database)) parts.tracked.set(database, this)
    parts.followed.onSchemaChanged((changed) => {
      if (changed === options.database) this.#forgetCatalogue()
    })
  }

  rowsOf(subject: Subject, told: ToldColumns | undefined): RowsOfSubject | undefined {
    return this.#rowTags?.rowsOf(subject, told)
  }

  /** Whether the catalogue has been read. */
  get isOpen(): boolean {
    return this.#rowTags !== undefined
  }

  /** The load that the caller runs in. */
  get currentLoad(): LoadTags | undefined {
    return this.#options.parts.context.loads.current
  }

  /**
   * Runs a statement, and sees to what it reads and writes. On one connection they are sent in the order of the calls,
   * also where nobody waits for those before.
   *
   * @param query - Reads the database's catalogue ahead of the first statement, over the same connection: there may be no
   *   other.
   */
  run<Result>(query: Query, statement: TrackedStatement<Result>): Promise<Result> {
    const { work } = statement
    const isKnownRead = this.#rowTags?.kindOf(statement.sql) === 'read'
    if (!isKnownRead || work) return this.#runWithin(query, { ...statement, work: work ?? new UnitOfWork() })
    // Nothing comes after it, so that it takes no longer than without us.
    const running = statement.run()
    this.#noteReads(this.#rowTags, statement)
    return running
  }

  async #runWithin<Result>(query: Query, statement: StatementWithin<Result>): Promise<Result> {
    const opening = this.#rowTags ?? this.#open(query)
    if (this.#derived.preparesCommits) {
      return statement.work.inTurn(() => this.#runPrepared(opening, statement))
    }
    const running = statement.run()
    if (opening instanceof RowTags) return this.#follow(opening, running, statement)
    // Of both, the statement's own error is the caller's.
    const [opened] = await Promise.allSettled([opening, running])
    return this.#follow(opened.status === 'fulfilled' ? opened.value : undefined, running, statement)
  }

  /** What was made from what was there before a commit can only be told ahead of it; and so can what it will evict. */
  async #runPrepared<Result>(
    opening: RowTags | Promise<RowTags>,
    statement: StatementWithin<Result>,
  ): Promise<Result> {
    const [opened] = await Promise.allSettled([opening])
    const rowTags = opened.status === 'fulfilled' ? opened.value : undefined
    const { sql, work, isOpen, run } = statement
    const kind = rowTags?.kindOf(sql)
    const commits = kind === 'commit' || (kind !== 'read' && !isOpen())
    const tags = commits ? [...work.written, ...writtenBy(rowTags, statement)] : []
    const prepared = await this.#derived.prepare(tags)
    return this.#follow(rowTags, run(), statement, prepared)
  }

  async #follow<Result>(
    rowTags: RowTags | undefined,
    running: Promise<Result>,
    statement: StatementWithin<Result>,
    prepared?: PreparedCommit,
  ): Promise<Result> {
    const { work } = statement
    const kind = rowTags?.kindOf(statement.sql)
    this.#noteReads(rowTags, statement)
    let result: Result
    try {
      result = await running
    } catch (error) {
      if (kind !== 'read') {
        const end = { ...statement, tags: writtenBy(rowTags, statement), isCommit: kind === 'commit' }
        await this.#fail(error, end, prepared)
      }
      throw error
    }
    // Only a transaction that goes on can be rolled back, and what it has read with it.
    if (statement.isOpen()) work.read(statement.loads)
    if (kind === 'read') return result
    if (kind === 'rollback') work.drop()
    const tags = writtenBy(rowTags, statement, statement.rowsOf(result))
    work.write(tags, kind === 'ddl' || (kind !== 'write' && tags.includes(ALL_TABLES)))
    if (kind === 'commit' || !statement.isOpen()) await this.#settle(work, prepared)
    return result
  }

  #noteReads<Result>(rowTags: RowTags | undefined, { sql, args, loads }: TrackedStatement<Result>): void {
    if (loads.length === 0) return
    const groups = rowTags?.groupsOfRead(sql, args)
    for (const load of loads) {
      if (groups) for (const { table, tags } of groups) load.addGroup(table, tags)
      else load.noteUnknown()
    }
  }

  /** Commits, and evicts what was written. */
  async commit(work: UnitOfWork, run: () => Promise<void>): Promise<void> {
    const prepared = this.#derived.preparesCommits ? await this.#derived.prepare(work.written) : undefined
    try {
      await run()
    } catch (error) {
      await this.#fail(error, { work, tags: [], isCommit: true, isOpen: () => false }, prepared)
      throw error
    }
    await this.#settle(work, prepared)
  }

  /** Whoever runs a statement next reads it anew. */
  #forgetCatalogue(): void {
    this.#rowTags = undefined
    this.#opening = undefined
  }

  #open(query: Query): Promise<RowTags> {
    if (this.#opening) return this.#opening
    const opening = this.#read(query)
    this.#opening = opening
    const isLatest = () => this.#opening === opening
    opening.then(
      (rowTags) => {
        if (!isLatest()) return
        this.#rowTags = rowTags
        this.#opening = undefined
      },
      () => {
        if (isLatest()) this.#opening = undefined
      },
    )
    return opening
  }

  async #read(query: Query): Promise<RowTags> {
    const { database, triggers, functions, parts } = this.#options
    const warn = (warning: string) => parts.warn(warning)
    try {
      const rowTags = await RowTags.open({ query, database, triggers, functions, warn })
      parts.tracked.set(database ?? '', this)
      return rowTags
    } catch (error) {
      warn(`What statements read and write is not known: ${reasonOf(error)}`)
      throw error
    }
  }

  /** What the database has refused has not happened. Where nobody knows, it counts as if it had. */
  async #fail(error: unknown, failed: Failed, prepared: PreparedCommit | undefined): Promise<void> {
    const { work, tags, isCommit, isOpen } = failed
    work.write(tags)
    if (isOpen() && !isCommit) return
    if (!this.#options.isRefusal(error)) return this.#settle(work, prepared)
    work.drop()
    if (prepared) this.#derived.abandoned(prepared)
  }

  async #settle(work: UnitOfWork, prepared: PreparedCommit | undefined): Promise<void> {
    if (work.changesSchema) this.#rowTags = undefined
    const tags = work.take()
    if (tags.length > 0) await this.#derived.committed(tags, prepared)
    else if (prepared) this.#derived.abandoned(prepared)
  }

  get #derived() {
    return this.#options.parts.derived
  }
}

/** Without the catalogue a statement may have written anything. */
function writtenBy<Result>(
  rowTags: RowTags | undefined,
  { sql, args }: TrackedStatement<Result>,
  rows?: readonly Row[],
): readonly string[] {
  if (!rowTags) return [ANY_TABLE, ALL_TABLES]
  return rowTags.tagsOfWrite(sql, args, rows && rows.length <= MOST_RETURNED ? rows : undefined)
}
