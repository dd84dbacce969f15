import { reasonOf } from '#src/tools/reason-of.js'
import { RowTags } from '#src/tracking/row-tags.js'
import { Random } from '../../consistency/random.js'
import type { Tried } from './draft.js'
import { randomRead } from './random-reads.js'
import { firstRows, randomWrite } from './random-writes.js'
import { DECLARED, SCHEMA, TABLES } from './schema.js'

interface Result {
  readonly rows: readonly Record<string, unknown>[]
  /** How many rows the statement has written. */
  readonly affected: number
}

export interface TestedDatabase {
  /** Runs several statements. */
  exec(sql: string): Promise<unknown>
  query(sql: string, args: readonly unknown[]): Promise<Result>
}

/**
 * What was seen of reads of one form: how often a write evicted them, how often it would have if tags knew tables only,
 * and how often it changed what they give.
 */
export interface Figures {
  reads: number
  evicted: number
  byTable: number
  changed: number
}

/** What was seen of all reads, and what went wrong. */
export interface Seen {
  readonly figures: Map<string, Figures>
  /** Writes that wrote something, and those that the database refused. */
  writes: number
  refused: number
  /** Reads whose result a write changed without evicting them. */
  readonly missed: string[]
}

interface Watched extends Tried {
  readonly tags: ReadonlySet<string>
}

export interface Course {
  readonly seed: number
  /** How many writes that write something. */
  readonly writes: number
  /** How many reads are watched at a time. */
  readonly reads: number
  readonly read?: (random: Random) => Tried
  readonly write?: (random: Random) => Tried
  /** Whoever hears from the database itself what was written; without it, the statements say so. */
  readonly follower?: Follower
}

export interface Follower {
  /** Once there are tables. */
  begin(): Promise<void>
  /** What was written since it was last asked, as tags. */
  heard(): Promise<readonly string[]>
}

/** After so many writes, others are watched. */
const WRITES_OF_POOL = 25

/**
 * Runs random writes, and reads random queries before and after each: where the result of one changed, the write has to
 * evict a tag of it, both with the rows that the write returned and without.
 */
export async function watchReads(database: TestedDatabase, course: Course): Promise<Seen> {
  const { seed, read = randomRead, write = randomWrite, follower } = course
  const random = new Random(seed)
  await database.exec(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${SCHEMA}`)
  await follower?.begin()
  for (const { sql, args } of firstRows(random, 120)) await database.query(sql, args).catch(() => undefined)
  const query = async (sql: string) => (await database.query(sql, [])).rows
  const tags = await RowTags.open({ query, warn: fail, ...DECLARED })
  const seen: Seen = { figures: new Map(), writes: 0, refused: 0, missed: [] }
  let watched: readonly Watched[] = []
  let before: readonly string[] = []
  let contents = await contentsOf(database)
  await follower?.heard()
  while (seen.writes < course.writes) {
    if (seen.writes % WRITES_OF_POOL === 0) {
      watched = await newReads(database, tags, () => read(random), course.reads)
      before = await resultsOf(database, watched)
    }
    const tried = write(random)
    const result = await database.query(tried.sql, tried.args).catch((error) => refusal(error, tried))
    const heard = await follower?.heard()
    if (!result) seen.refused += 1
    if (!result || (result.affected === 0 && /^(?:INSERT|UPDATE|DELETE)/.test(tried.sql))) continue
    seen.writes += 1
    const newContents = await contentsOf(database)
    const written = Object.keys(TABLES).filter((table) => contents[table] !== newContents[table])
    const after = await resultsAfter(database, watched, before, written)
    contents = newContents
    const place = `seed ${seed}, write ${seen.writes}`
    const evictions = heard ? [heard] : evictionsOf(tags, tried, result.rows)
    note(seen, { tried, rows: result.rows, evictions, watched, before, after, place })
    before = after
  }
  return seen
}

interface Step {
  readonly tried: Tried
  readonly rows: readonly Record<string, unknown>[]
  /** What is evicted, told in one way or several. */
  readonly evictions: readonly (readonly string[])[]
  readonly watched: readonly Watched[]
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly place: string
}

/** What a statement says, without the rows that it returned and with them. */
function evictionsOf(tags: RowTags, { sql, args }: Tried, rows: Step['rows']): Step['evictions'] {
  const hasReturned = / RETURNING /.test(sql) && !sql.startsWith('WITH')
  return [tags.tagsOfWrite(sql, args), ...(hasReturned ? [tags.tagsOfWrite(sql, args, rows)] : [])]
}

function note(seen: Seen, { tried, rows, evictions, watched, before, after, place }: Step): void {
  for (const [index, read] of watched.entries()) {
    const isChanged = before[index] !== after[index]
    const isEvicted = evictions.map((evicted) => evicted.some((tag) => read.tags.has(tag)))
    const figures = seen.figures.get(read.form) ?? { reads: 0, evicted: 0, byTable: 0, changed: 0 }
    seen.figures.set(read.form, figures)
    figures.reads += 1
    if (isEvicted.at(-1)) figures.evicted += 1
    if (evictions.at(-1)?.some((tag) => read.tags.has(`${tableOf(tag)}*`))) figures.byTable += 1
    if (isChanged) figures.changed += 1
    if (isChanged && isEvicted.includes(false)) {
      const how = isEvicted[0] ? 'with the rows that it returned' : 'without rows'
      seen.missed.push(
        [
          `${place}, ${evictions.length === 1 ? 'as told' : how}:`,
          `write ${shown(tried)} returned ${json(rows)}`,
          `  evicts ${evictions.map((evicted) => evicted.join(' ')).join('\n     and ')}`,
          `read ${shown(read)}`,
          `  carries ${[...read.tags].join(' ')}`,
          `  gave ${before[index]}`,
          `  gives ${after[index]}`,
        ].join('\n  '),
      )
    }
  }
}

function tableOf(tag: string): string {
  return tag.replace(/[#[*].*$/, '')
}

async function newReads(
  database: TestedDatabase,
  tags: RowTags,
  draw: () => Tried,
  count: number,
): Promise<readonly Watched[]> {
  const found: Watched[] = []
  for (let tries = 0; found.length < count; tries += 1) {
    const read = draw()
    const [result] = (await resultsOf(database, [read]).catch((error) => refusal(error, read))) ?? []
    // What is empty is changed by few writes.
    const isWanted = result !== undefined && (result !== '' || tries % 4 === 0)
    if (isWanted) found.push({ ...read, tags: new Set(tags.tagsOfRead(read.sql, read.args)) })
  }
  return found
}

/** What each table holds. */
async function contentsOf(database: TestedDatabase): Promise<Readonly<Record<string, unknown>>> {
  const columns = Object.keys(TABLES).map(
    (table) => `(SELECT string_agg(t::text, '|' ORDER BY t::text) FROM "${table}" AS t) AS "${table}"`,
  )
  return (await database.query(`SELECT ${columns.join(', ')}`, [])).rows[0] ?? {}
}

/** The results after a write. Those of queries that say nothing of a table that it changed are what they were. */
async function resultsAfter(
  database: TestedDatabase,
  reads: readonly Tried[],
  before: readonly string[],
  written: readonly string[],
): Promise<readonly string[]> {
  const isConcerned = ({ sql }: Tried) =>
    written.some((table) => new RegExp(`\\b${table}\\b`).test(inTables(sql)))
  const concerned = reads.filter(isConcerned)
  if (concerned.length === 0) return before
  const after = [...(await resultsOf(database, concerned))]
  return reads.map((read, index) => (isConcerned(read) ? (after.shift() ?? '') : (before[index] ?? '')))
}

/** A query with the names of the tables that its views, partitions and functions stand for. */
function inTables(sql: string): string {
  return sql
    .replace(/\bopen_tasks\b/g, 'tasks users')
    .replace(/\breaders\b/g, 'users')
    .replace(/\btasks_of\b/g, 'tasks')
    .replace(/\bevents_(?:early|late)\b/g, 'events')
}

/** Those of all reads in one statement, each as a text in which the order of rows does not matter. */
async function resultsOf(database: TestedDatabase, reads: readonly Tried[]): Promise<readonly string[]> {
  const args: unknown[] = []
  const columns = reads.map((read, index) => {
    const sql = read.sql.replace(/\$(\d+)/g, (_, number) => `$${Number(number) + args.length}`)
    args.push(...read.args)
    return `(SELECT coalesce(string_agg(r::text, '|' ORDER BY r::text), '') FROM (${sql}) AS r) AS r${index}`
  })
  const [row] = (await database.query(`SELECT ${columns.join(',\n')}`, args)).rows
  return reads.map((_, index) => String(row?.[`r${index}`]))
}

/** Says of a statement that it cannot be run; a mistake in what makes statements must not go unnoticed. */
function refusal(error: unknown, { sql }: Tried): undefined {
  if (/syntax error/.test(reasonOf(error))) throw new Error(`${reasonOf(error)}: ${sql}`)
  return undefined
}

function fail(message: string): never {
  throw new Error(message)
}

function shown({ form, sql, args }: Tried): string {
  return `(${form}) ${sql} ${json(args)}`
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner))
}
