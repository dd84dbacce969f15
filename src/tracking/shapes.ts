import { escapeText } from '../keys/escape-value.js'
import type { Column, Table } from '../sql/relation.js'

/** Columns by which a table's rows are put into groups: those who read and those who write both know them. */
export interface Shape {
  /** Sorted by name. */
  readonly columns: readonly Column[]
  readonly isUnique: boolean
  /** The text of its tags around the values. */
  readonly parts: readonly string[]
  readonly end: string
}

/** With more, a tag and its variants would be too many. */
const MOST_COLUMNS = 2

interface Found {
  readonly columns: readonly Column[]
  readonly isUnique: boolean
  /** A single column that is the primary key. */
  readonly isKey: boolean
}

/**
 * The shapes of a table, those that tell fewest rows apart from others last.
 *
 * @param tableName - The table's name in tags.
 */
export function shapesOf(table: Table, tableName: string): readonly Shape[] {
  const shapes = new Map<string, Found>()
  const add = (names: readonly string[], isUnique: boolean, isKey: boolean) => {
    const columns = names.map((name) => table.columns.get(name))
    if (!columns.every((column) => column?.family !== undefined)) return
    const sorted = (columns as Column[]).sort((one, other) => (one.name < other.name ? -1 : 1))
    const name = JSON.stringify(sorted.map((column) => column.name))
    const known = shapes.get(name)
    shapes.set(name, {
      columns: sorted,
      isUnique: isUnique || known?.isUnique === true,
      isKey: isKey || known?.isKey === true,
    })
  }
  for (const { columns, isUnique, isPrimary } of table.indexes) {
    for (let length = 1; length <= Math.min(columns.length, MOST_COLUMNS); length += 1) {
      const isWhole = length === columns.length
      add(columns.slice(0, length), isUnique && isWhole, isPrimary && isWhole && length === 1)
    }
  }
  for (const { columns } of table.foreignKeys) if (columns.length <= MOST_COLUMNS) add(columns, false, false)
  return [...shapes.entries()].sort(mostTellingFirst).map(([, found]) => shapeOf(found, tableName))
}

function shapeOf({ columns, isUnique, isKey }: Found, table: string): Shape {
  if (isKey) return { columns, isUnique, parts: [`${table}#`], end: '' }
  const parts = columns.map(({ name }, place) => `${place === 0 ? `${table}[` : ','}${escapeText(name)}=`)
  return { columns, isUnique, parts, end: ']' }
}

function mostTellingFirst([name, one]: [string, Found], [otherName, other]: [string, Found]): number {
  const byUnique = Number(other.isUnique) - Number(one.isUnique)
  const byLength = other.columns.length - one.columns.length
  return byUnique || byLength || (name < otherName ? -1 : 1)
}

/** Those of a table that has changed and those that it had: somebody may know it as it was. */
export function unionOfShapes(shapes: readonly Shape[], before: readonly Shape[]): readonly Shape[] {
  const known = new Set(shapes.map(textOf))
  return [...shapes, ...before.filter((shape) => !known.has(textOf(shape)))]
}

function textOf({ parts, end }: Shape): string {
  return [...parts, end].join()
}

/** In place of a value that a tag leaves open. */
export const ANY_VALUE = '*'

/** @param values - Of the shape's columns, in their order. */
export function groupTag({ parts, end }: Shape, values: readonly string[]): string {
  let tag = ''
  for (let place = 0; place < parts.length; place += 1) tag += `${parts[place]}${values[place]}`
  return tag + end
}

/** What an entry carries that was made from a group: also what a write evicts that does not know all values. */
export function tagsOfGroup(shape: Shape, [one = ANY_VALUE, other]: readonly string[]): readonly string[] {
  if (other === undefined) return [groupTag(shape, [one]), groupTag(shape, [ANY_VALUE])]
  return [
    groupTag(shape, [one, other]),
    groupTag(shape, [one, ANY_VALUE]),
    groupTag(shape, [ANY_VALUE, other]),
    groupTag(shape, [ANY_VALUE, ANY_VALUE]),
  ]
}

/** Every choice of one value for each column. */
export function choicesOf(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (lists.every((list) => list.length === 1)) return [lists.flat()]
  return lists.reduce<readonly (readonly string[])[]>(
    (choices, list) => choices.flatMap((choice) => list.map((value) => [...choice, value])),
    [[]],
  )
}
