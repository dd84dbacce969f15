import type { Draft } from './draft.js'
import { TABLES } from './schema.js'

/** By which name a condition calls the columns of a table: with a dot at its end, or none. */
export interface Named {
  readonly table: string
  readonly prefix: string
}

/** Some conditions on a table, which may name groups of its rows or not. */
export function condition(draft: Draft, ...tables: readonly Named[]): string {
  const { random } = draft
  const count = random.oneOf([1, 1, 1, 1, 2, 2, 3])
  const parts = Array.from({ length: count }, () => simple(draft, random.oneOf(tables)))
  if (count > 1 && random.chance(0.15)) return `(${parts.join(' OR ')})`
  return parts.map((part) => (random.chance(0.2) ? `(${part} AND 1=1)` : part)).join(' AND ')
}

/** One that names a group, as most do that applications send. */
export function equality(draft: Draft, { table, prefix }: Named): string {
  const column = draft.random.oneOf(Object.keys(TABLES[table] ?? {}))
  return `${prefix}"${column}" = ${draft.operand(draft.typeOf(table, column))}`
}

function simple(draft: Draft, named: Named): string {
  const { random } = draft
  const { table, prefix } = named
  const columns = Object.keys(TABLES[table] ?? {})
  const name = random.oneOf(columns)
  const type = draft.typeOf(table, name)
  const column = `${prefix}"${name}"`
  const value = () => draft.operand(type)
  const forms: (() => string)[] = [
    () => equality(draft, named),
    () => equality(draft, named),
    () => `${value()} = ${column}`,
    () => `${column} IN (${value()}, ${value()})`,
    () => `${column} = ANY(${draft.array(type)})`,
    () => `${column} IS NULL`,
    () => `(${column} = ${value()} OR ${column} = ${value()})`,
    () => `(${column} = ${value()} OR ${column} IS NULL)`,
    () => `${column}::text = ${draft.operand('text')}`,
    () => orOfTwo(draft, named),
    () => row(draft, named),
    () => `${column} <> ${value()}`,
    () => `${column} IS NOT NULL`,
    () => `NOT (${column} = ${value()})`,
    () => `(${column} = ${value()}) IS NOT TRUE`,
    () => `${column} IS NOT DISTINCT FROM ${value()}`,
    () => `coalesce(${column}, ${value()}) = ${value()}`,
  ]
  if (type === 'boolean') {
    forms.push(
      () => column,
      () => `NOT ${column}`,
      () => `${column} IS NOT TRUE`,
      () => `${column} IS FALSE`,
      () => `${column} IS UNKNOWN`,
    )
  }
  if (type === 'text')
    forms.push(
      () => `${column} COLLATE "C" = ${value()}`,
      () => `lower(${column}) = ${value()}`,
    )
  if (type.startsWith('int'))
    forms.push(
      () => `${column} + 0 = ${value()}`,
      () => `${column} = 1.0`,
    )
  return random.oneOf(forms)()
}

function orOfTwo(draft: Draft, named: Named): string {
  const part = () => `(${equality(draft, named)} AND ${equality(draft, named)})`
  return `(${part()} OR ${part()})`
}

function row(draft: Draft, { table, prefix }: Named): string {
  const columns = Object.keys(TABLES[table] ?? {})
  const [one, other] = [draft.random.oneOf(columns), draft.random.oneOf(columns)]
  const values = () =>
    `(${draft.operand(draft.typeOf(table, one))}, ${draft.operand(draft.typeOf(table, other))})`
  const left = `(${prefix}"${one}", ${prefix}"${other}")`
  return draft.random.chance(0.5) ? `${left} = ${values()}` : `${left} IN (${values()}, ${values()})`
}
