import type { Random } from '../../consistency/random.js'
import { Draft, type Tried } from './draft.js'
import { settableColumns, TABLES } from './schema.js'

/** What applications ask most: a row by its key, a list by what is indexed. */
const GROUPS: readonly (readonly [table: string, ...columns: readonly string[]])[] = [
  ['users', 'id'],
  ['users', 'email'],
  ['users', 'role', 'active'],
  ['users', 'boss_id'],
  ['tasks', 'id'],
  ['tasks', 'user_id'],
  ['tasks', 'user_id', 'status'],
  ['tasks', 'team_code'],
  ['tasks', 'twice'],
  ['comments', 'id'],
  ['comments', 'task_id'],
  ['prices', 'region', 'product'],
  ['offers', 'region', 'product'],
  ['tags', 'name'],
  ['_TaskToTag', 'A'],
  ['_TaskToTag', 'B'],
  ['events', 'user_id'],
]

const KEYS: Readonly<Record<string, readonly string[]>> = {
  prices: ['region', 'product'],
  _TaskToTag: ['A', 'B'],
  events: ['id', 'day'],
  teams: ['code'],
}

/** A query for one group of rows. */
export function readOfGroup(random: Random): Tried {
  const draft = new Draft(random)
  const [table, ...columns] = random.oneOf(GROUPS)
  const what = random.oneOf(['*', 'count(*)'])
  return draft.done(
    `${table} by ${columns.join()}`,
    `SELECT ${what} FROM "${table}" WHERE ${fixed(draft, table, columns)}`,
  )
}

/** A write of one row that returns all of it, as an ORM sends it. */
export function writeOfRow(random: Random): Tried {
  const draft = new Draft(random)
  const table = random.oneOf(Object.keys(TABLES).filter((name) => name !== 'audit'))
  const columns = settableColumns(table)
  const returning = `RETURNING ${quoted(Object.keys(TABLES[table] ?? {}))}`
  const value = (column: string) => draft.operand(draft.typeOf(table, column))
  if (random.chance(0.5)) {
    const given = columns.filter((column) => column !== 'id' || table === 'events')
    const values = given.map(value).join(', ')
    return draft.done('insert', `INSERT INTO "${table}" (${quoted(given)}) VALUES (${values}) ${returning}`)
  }
  const where = fixed(draft, table, KEYS[table] ?? ['id'])
  if (random.chance(0.2)) return draft.done('delete', `DELETE FROM "${table}" WHERE ${where} ${returning}`)
  const others = columns.filter((column) => !(KEYS[table] ?? ['id']).includes(column))
  const set = random.oneOf(others.length > 0 ? others : columns)
  return draft.done('update', `UPDATE "${table}" SET "${set}" = ${value(set)} WHERE ${where} ${returning}`)
}

function fixed(draft: Draft, table: string, columns: readonly string[]): string {
  return columns.map((column) => `"${column}" = ${draft.operand(draft.typeOf(table, column))}`).join(' AND ')
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ')
}
