import { ALL_TABLES, ANY_TABLE, tableFrom, tagsOfTableWrite } from './dependencies/table-tags.js'
import {
  isTableOf,
  type RowsOfSubject,
  type Subject,
  type ToldColumns,
  type TrackedRows,
} from './dependencies/tracked-rows.js'
import type { Engine } from './engine/engine.js'
import { MAX_KEY_BYTES } from './keys/escape-value.js'
import { gluedWords } from './keys/glued-words.js'
import { wordFinder, wordsOf } from './keys/named-words.js'
import type { RuleRegistry } from './rules/registry.js'
import type { Rule } from './rules/rule.js'
import type { Selector } from './stores/store.js'
import { knownOptions, positive, shown, wrongOption } from './tools/check-values.js'
import { isRecord } from './tools/is-record.js'
import { nearest } from './tools/nearest.js'
import { LATE, withinDeadline } from './tools/within-deadline.js'

/** Whom to forget, by names: `{ user: 42 }`. */
export type ForgetSubject = Readonly<Record<string, string | number | bigint>>

/** Options of `cache.forget()`. */
export interface ForgetOptions {
  /**
   * The columns that have the value, by table, such as `{ users: 'id', orders: 'customer_id' }`: with a tracker, in place of
   * the tables that are called as the names are. `{}`: no rows are to be looked for.
   */
  readonly tables?: Readonly<Record<string, string | readonly string[]>> | undefined
  /**
   * How long to wait for a store that does not answer, in milliseconds, before the receipt says so.
   * @defaultValue 10000
   */
  readonly waitMs?: number | undefined
}

/** What `cache.forget()` has done. */
export interface ForgetReceipt {
  /** How many entries it removed; `null` where the store did not answer at once, so that nobody has counted. */
  readonly removed: number | null
  /** The tables whose rows were looked for; `'all'` where nobody knew them yet, and so all that was made from rows went. */
  readonly tables: readonly string[] | 'all'
  /** Whether the store has acknowledged it. If not it is owed: this process serves no hit before, and delivers it. */
  readonly acknowledged: boolean
  readonly at: Date
}

/** What forgetting works with. */
export interface ForgetContext {
  readonly engine: Pick<Engine, 'tryEvict' | 'whenDelivered'>
  readonly registry: Pick<RuleRegistry, 'templates' | 'list'>
  readonly databases: readonly TrackedRows[]
  /** Drops what this process remembers beside the entries. */
  readonly forgetNamed: (isNamed: (text: string) => boolean) => void
  /** Lets the others do the same. */
  readonly tellOthers: (words: readonly string[]) => Promise<void>
}

const CALL = 'cache.forget'
const WHERE = `${CALL}()`
const WAIT_MS = 10_000
const OPTIONS: ReadonlySet<keyof ForgetOptions> = new Set(['tables', 'waitMs'])
const GIVE_NAMES = 'Give what somebody is known by, such as { user: 42 }.'
const GIVE_TABLES = `Give columns by table, such as { users: 'id' }.`
const TELL_TABLES = `Say which columns have the value: { tables: { users: 'id' } }; or { tables: {} } for keys and tags alone.`

/** Somebody's rows in all that is tracked. */
interface Rows {
  readonly tables: ForgetReceipt['tables']
  readonly tags: readonly string[]
}

/**
 * Removes each entry that names somebody or was made from their rows.
 *
 * @throws CacheError `E_CACHE_OPTION`; never for a store in trouble.
 */
export async function forget(
  given: ForgetSubject,
  options: ForgetOptions,
  { engine, registry, databases, forgetNamed, tellOthers }: ForgetContext,
): Promise<ForgetReceipt> {
  const subject = checkedSubject(given)
  knownOptions(WHERE, options, OPTIONS, 'Give { tables, waitMs }, or nothing.')
  const waitMs = positive(WHERE, 'waitMs', options.waitMs ?? WAIT_MS)
  const told = checkedTables(options.tables)
  const { tables, tags } =
    databases.length > 0
      ? trackedRows(subject, told, databases)
      : declaredRows(subject, told, registry.list())
  const words = unique(
    Object.values(subject).flatMap((value) => [
      ...wordsOf(value),
      ...registry.templates().flatMap((template) => gluedWords(template, value)),
    ]),
  )
  const isNamed = wordFinder(words)
  // What names somebody is found by the words, and events and log lines need not have it.
  const others = tags.filter((tag) => !isNamed(tag))
  const removed = await engine.tryEvict([...naming(words), ...others.map(byTag)], null, CALL)
  const acknowledged = removed !== null || (await isDelivered(engine.whenDelivered(), waitMs))
  forgetNamed(isNamed)
  await tellOthers(words)
  return { removed, tables, acknowledged, at: new Date() }
}

function naming(words: readonly string[]): readonly Selector[] {
  return [
    { kind: 'naming', words },
    { kind: 'tags-naming', words },
  ]
}

function byTag(tag: string): Selector {
  return { kind: 'tag', tag }
}

/** Whoever closes the cache first ends the wait. */
async function isDelivered(delivery: Promise<void>, waitMs: number): Promise<boolean> {
  try {
    return (await withinDeadline(delivery, waitMs)) !== LATE
  } catch {
    return false
  }
}

/** @throws CacheError `E_CACHE_OPTION` for a name, or a table that was told, which none of the databases has. */
function trackedRows(
  subject: Subject,
  told: ToldColumns | undefined,
  databases: readonly TrackedRows[],
): Rows {
  const all = databases.map((database) => database.rowsOf(subject, told))
  const found = all.filter((rows) => rows !== undefined)
  if (found.length < all.length) return { tables: 'all', tags: [ANY_TABLE, ALL_TABLES] }
  const stranger = found[0]?.unfit.find((name) => found.every(({ unfit }) => unfit.includes(name)))
  if (stranger !== undefined) throw unknownRows(stranger, found, told !== undefined)
  return {
    tables: unique(found.flatMap(({ tables }) => tables)),
    tags: unique(found.flatMap(({ tags }) => tags)),
  }
}

/** Without a tracker rules say which tables they read, and not which rows. */
function declaredRows(subject: Subject, told: ToldColumns | undefined, rules: readonly Rule[]): Rows {
  const read = rules.flatMap((rule) => (rule.kind === 'evict' ? [] : rule.reads))
  const isTheirs = (table: string) =>
    told ? Object.hasOwn(told, table) : Object.keys(subject).some((name) => isTableOf(name, table))
  const tables = unique(read.filter(isTheirs))
  return { tables, tags: unique(tables.flatMap((table) => tagsOfTableWrite(tableFrom(table) ?? table))) }
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

function unknownRows(name: string, found: readonly RowsOfSubject[], isTold: boolean) {
  const known = found.flatMap((rows) => rows.known)
  const meant = nearest(name, known)
  const close = meant === undefined ? `There are ${known.slice(0, 20).join(', ')}.` : `Is it '${meant}'?`
  const problem = isTold
    ? `the database has no '${name}'`
    : `no table with a primary key of one column is called as '${name}' may be`
  return wrongOption(WHERE, problem, `${close} ${isTold ? GIVE_TABLES : TELL_TABLES}`)
}

/** @throws CacheError `E_CACHE_OPTION`. */
function checkedSubject(subject: unknown): Subject {
  if (!isRecord(subject) || Object.keys(subject).length === 0) {
    throw wrongOption(WHERE, `nobody is named by ${isRecord(subject) ? '{}' : shown(subject)}`, GIVE_NAMES)
  }
  return Object.fromEntries(Object.entries(subject).map(([name, value]) => [name, textOf(name, value)]))
}

function textOf(name: string, value: unknown): string {
  const isText = typeof value === 'string' || typeof value === 'bigint' || Number.isFinite(value)
  if (!isText) throw wrongOption(WHERE, `${name} is ${shown(value)}`, 'Give a text or a number.')
  const text = String(value)
  if (text === '') throw wrongOption(WHERE, `${name} is an empty text`, GIVE_NAMES)
  if (Buffer.byteLength(text) > MAX_KEY_BYTES || /\p{Surrogate}/u.test(text)) {
    throw wrongOption(WHERE, `${name} is nothing that a key can say`, GIVE_NAMES)
  }
  return text
}

/** @throws CacheError `E_CACHE_OPTION`. */
function checkedTables(tables: unknown): ToldColumns | undefined {
  if (tables === undefined) return undefined
  if (!isRecord(tables)) throw wrongOption(WHERE, `tables is ${shown(tables)}`, GIVE_TABLES)
  return Object.fromEntries(
    Object.entries(tables).map(([table, given]) => {
      const columns: readonly unknown[] = Array.isArray(given) ? given : [given]
      if (columns.length > 0 && columns.every(isName)) return [table, columns]
      throw wrongOption(WHERE, `tables.${table} names no column`, GIVE_TABLES)
    }),
  )
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
