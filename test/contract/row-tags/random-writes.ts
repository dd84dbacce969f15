import type { Random } from '../../consistency/random.js'
import { Draft, type Tried } from './draft.js'
import { condition, equality } from './random-conditions.js'
import { settableColumns, TABLES } from './schema.js'

type Form = (draft: Draft) => string

/** Writes of every sort, those that fill tables more often than those that empty them. */
const FORMS: readonly (readonly [name: string, weight: number, form: Form])[] = [
  ['insert', 12, (draft) => insert(draft, anyTable(draft))],
  ['insert many', 4, (draft) => insertMany(draft, anyTable(draft))],
  ['insert all columns', 2, (draft) => insertWhole(draft)],
  ['upsert', 5, upsert],
  ['insert from query', 1, insertFromQuery],
  ['update', 8, update],
  ['update of one', 6, updateOfOne],
  ['update from', 2, updateFrom],
  ['delete', 2, (draft) => remove(draft, anyTable(draft), false)],
  ['delete one', 3, (draft) => remove(draft, anyTable(draft), true)],
  [
    'delete using',
    1,
    (draft) =>
      `DELETE FROM tasks t USING users u WHERE u.id = t.user_id AND ${condition(draft, { table: 'users', prefix: 'u.' }, { table: 'tasks', prefix: 't.' })}${returning(draft, 'tasks', 't.')}`,
  ],
  [
    'move',
    2,
    (draft) =>
      `UPDATE events SET day = ${draft.operand('int4')} WHERE ${equality(draft, { table: 'events', prefix: '' })}`,
  ],
  ['rename key', 4, renameKey],
  ['with', 3, withWrites],
  ['merge', 2, merge],
  [
    'view',
    1,
    (draft) => `UPDATE readers SET active = ${draft.operand('boolean')} WHERE id = ${draft.operand('int4')}`,
  ],
  [
    'view delete',
    1,
    (draft) =>
      `DELETE FROM readers WHERE ${equality(draft, { table: 'users', prefix: '' })
        .replace(/"(name|role|boss_id)"/, '"email"')
        .replace(/^"email" = .*/, `email = ${draft.operand('text')}`)}`,
  ],
  ['function', 1, (draft) => `SELECT finish(${draft.operand('int4')})`],
  [
    'partition',
    2,
    (draft) =>
      insert(draft, 'events').replace('"events"', draft.random.oneOf(['events_early', 'events_late'])),
  ],
  [
    'truncate',
    0.2,
    (draft) =>
      `TRUNCATE ${draft.random.oneOf(['notes', 'audit', 'comments', '"_TaskToTag"', 'prices CASCADE', 'tags CASCADE'])}`,
  ],
]

const TOTAL = FORMS.reduce((sum, [, weight]) => sum + weight, 0)

/** A write, the same for the same numbers. */
export function randomWrite(random: Random): Tried {
  let left = random.next() * TOTAL
  const chosen = FORMS.find(([, weight]) => {
    left -= weight
    return left < 0
  })
  const draft = new Draft(random)
  const [name, , form] = chosen ?? FORMS[0] ?? ['', 0, () => '']
  const sql = form(draft)
  return draft.done(name, sql)
}

/** The rows that the tables begin with. */
export function firstRows(random: Random, count: number): readonly Tried[] {
  const tables = Object.keys(TABLES)
  return Array.from({ length: count }, (_, place) => {
    const draft = new Draft(random)
    return draft.done('first', insert(draft, tables[place % tables.length] ?? '', 1))
  })
}

function insert(draft: Draft, table: string, share = 0.7): string {
  const columns = settableColumns(table).filter((column) =>
    draft.random.chance(hasDefault(table, column) ? 0.6 : share),
  )
  if (columns.length === 0) return `INSERT INTO "${table}" DEFAULT VALUES${returning(draft, table)}`
  const values = columns.map((column) => givenTo(draft, table, column))
  return `INSERT INTO "${table}" (${quoted(columns)}) VALUES (${values.join(', ')})${draft.random.chance(0.2) ? ' ON CONFLICT DO NOTHING' : ''}${returning(draft, table)}`
}

function insertMany(draft: Draft, table: string): string {
  const columns = settableColumns(table)
  const row = () => `(${columns.map((column) => givenTo(draft, table, column)).join(', ')})`
  return `INSERT INTO "${table}" (${quoted(columns)}) VALUES ${row()}, ${row()} ON CONFLICT DO NOTHING${returning(draft, table)}`
}

function insertWhole(draft: Draft): string {
  const table = draft.random.oneOf(['users', 'teams', 'comments', 'prices', 'offers', 'notes', 'events'])
  const values = settableColumns(table).map((column) => givenTo(draft, table, column))
  const given = values.slice(0, draft.random.between({ least: 1, most: values.length + 1 }))
  return `INSERT INTO "${table}" VALUES (${given.join(', ')})${returning(draft, table)}`
}

function upsert(draft: Draft): string {
  const [table, keys] = draft.random.oneOf([
    ['users', ['email']],
    ['users', ['id']],
    ['tags', ['name']],
    ['prices', ['region', 'product']],
    ['tasks', ['id']],
    ['teams', ['code']],
  ] as const)
  const columns = settableColumns(table)
  const values = columns.map((column) => givenTo(draft, table, column))
  const sets = columns
    .filter(() => draft.random.chance(0.4))
    .map(
      (column) =>
        `"${column}" = ${draft.random.chance(0.5) ? `excluded."${column}"` : draft.operand(draft.typeOf(table, column))}`,
    )
  if (sets.length === 0) sets.push(`"${columns[0]}" = excluded."${columns[0]}"`)
  const where = draft.random.chance(0.2) ? ` WHERE ${condition(draft, { table, prefix: `"${table}".` })}` : ''
  return `INSERT INTO "${table}" (${quoted(columns)}) VALUES (${values.join(', ')}) ON CONFLICT (${quoted(keys)}) DO UPDATE SET ${sets.join(', ')}${where}${returning(draft, table)}`
}

function insertFromQuery(draft: Draft): string {
  return `INSERT INTO offers (region, product) SELECT region, product FROM prices WHERE ${condition(draft, { table: 'prices', prefix: '' })}${returning(draft, 'offers')}`
}

function update(draft: Draft): string {
  const table = anyTable(draft)
  return `UPDATE "${table}" SET ${sets(draft, table)} WHERE ${condition(draft, { table, prefix: '' })}${returning(draft, table)}`
}

function updateOfOne(draft: Draft): string {
  const table = anyTable(draft)
  const prefix = `"public"."${table}".`
  return `UPDATE "public"."${table}" SET ${sets(draft, table)} WHERE (${equality(draft, { table, prefix })} AND 1=1)${returning(draft, table, prefix)}`
}

function updateFrom(draft: Draft): string {
  const where = condition(draft, { table: 'users', prefix: 'u.' }, { table: 'tasks', prefix: 't.' })
  return `UPDATE tasks t SET ${sets(draft, 'tasks')} FROM users u WHERE u.id = t.user_id AND ${where}${returning(draft, 'tasks', 't.')}`
}

function remove(draft: Draft, table: string, isOne: boolean): string {
  const named = { table, prefix: '' }
  const where = isOne ? equality(draft, named) : `${condition(draft, named)} AND ${equality(draft, named)}`
  return `DELETE FROM "${table}" WHERE ${where}${returning(draft, table)}`
}

function renameKey(draft: Draft): string {
  const [table, column] = draft.random.oneOf([
    ['users', 'id'],
    ['teams', 'code'],
    ['tasks', 'id'],
    ['tags', 'id'],
    ['prices', 'region'],
    ['prices', 'product'],
  ] as const)
  const type = draft.typeOf(table, column)
  return `UPDATE ${table} SET ${column} = ${draft.operand(type)} WHERE ${column} = ${draft.operand(type)}${returning(draft, table)}`
}

function withWrites(draft: Draft): string {
  const one = remove(draft, 'comments', true).replace(/ RETURNING .*/, '')
  const other = updateOfOne(draft).replace(/ RETURNING .*/, '')
  return `WITH gone AS (${one} RETURNING id), changed AS (${other} RETURNING *) SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM changed)`
}

function merge(draft: Draft): string {
  const [region, product] = [draft.operand('text'), draft.operand('int2')]
  return `MERGE INTO prices p USING (SELECT ${region}::text AS region, ${product}::int2 AS product) AS s ON p.region = s.region AND p.product = s.product WHEN MATCHED THEN UPDATE SET amount = 7 WHEN NOT MATCHED THEN INSERT VALUES (s.region, s.product, 9)`
}

function sets(draft: Draft, table: string): string {
  const columns = settableColumns(table)
  const chosen = columns.filter(() => draft.random.chance(0.35))
  const set = chosen.length > 0 ? chosen : [draft.random.oneOf(columns)]
  return set.map((column) => `"${column}" = ${newValue(draft, table, column)}`).join(', ')
}

function newValue(draft: Draft, table: string, column: string): string {
  const type = draft.typeOf(table, column)
  const { random } = draft
  if (random.chance(0.1)) return 'DEFAULT'
  if (random.chance(0.15) && type.startsWith('int')) return `"${column}" + 1`
  if (random.chance(0.1) && type === 'text') return `upper("${column}")`
  return draft.operand(type)
}

function givenTo(draft: Draft, table: string, column: string): string {
  return hasDefault(table, column) && draft.random.chance(0.3)
    ? 'DEFAULT'
    : draft.operand(draft.typeOf(table, column))
}

function hasDefault(table: string, column: string): boolean {
  return column === 'id' && table !== 'events'
}

function returning(draft: Draft, table: string, prefix = ''): string {
  const columns = Object.keys(TABLES[table] ?? {})
  const { random } = draft
  if (random.chance(0.4)) return ''
  if (random.chance(0.3) && prefix === '') return ' RETURNING *'
  const some = columns.filter(() => random.chance(0.7))
  const items = some.map(
    (column) =>
      `${prefix}"${column}"${random.chance(0.1) ? '::text' : ''}${random.chance(0.1) ? ` AS "${random.oneOf(columns)}"` : ''}`,
  )
  return ` RETURNING ${items.length > 0 ? items.join(', ') : '1 AS one'}`
}

function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ')
}

function anyTable({ random }: Draft): string {
  return random.oneOf(Object.keys(TABLES))
}
