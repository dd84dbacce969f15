import {
  isTableOf,
  type RowsOfSubject,
  type Subject,
  type ToldColumns,
} from '../dependencies/tracked-rows.js'
import { plainName, type Table } from '../sql/relation.js'
import { canonicalText } from './canonical-text.js'
import type { RowChange } from './row-changes.js'
import type { TrackedTables } from './tracked-table.js'
import type { Image } from './values.js'
import { tagsOfChanges } from './written-tags.js'

/** A column in which somebody's value is looked for. */
interface Place {
  readonly table: Table
  readonly column: string
  readonly value: string
}

/** What a look for places has come to: some, or what fits nothing. */
type Looked = readonly (Place | string)[]

/**
 * Somebody's rows: those whose table is called as one of the names, with that primary key, and the rows of tables with a
 * foreign key to it; or, where columns are told, what has the value there.
 */
export function rowsOfSubject(
  subject: Subject,
  told: ToldColumns | undefined,
  catalogue: { readonly tables: ReadonlyMap<string, Table> },
  tracked: TrackedTables,
): RowsOfSubject {
  const { tables } = catalogue
  const looked = told ? placesTold(told, subject, tables) : placesNamed(subject, tables)
  const places = looked.filter((place) => typeof place !== 'string')
  const changes = places.flatMap(changesAt)
  return {
    tables: [...new Set(changes.map(({ table }) => plainName(table)))],
    tags: tagsOfChanges(changes, tracked),
    unfit: looked.filter((place) => typeof place === 'string'),
    known: [...tables.keys()],
  }
}

function placesNamed(subject: Subject, tables: ReadonlyMap<string, Table>): Looked {
  return Object.entries(subject).flatMap(([name, value]): Looked => {
    const found = [...tables.values()].flatMap((table) => {
      const column = isTableOf(name, table.name) ? primaryKeyOf(table) : undefined
      return column === undefined ? [] : [{ table, column, value }]
    })
    return found.length > 0 ? found : [name]
  })
}

function placesTold(told: ToldColumns, subject: Subject, tables: ReadonlyMap<string, Table>): Looked {
  return Object.entries(told).flatMap(([name, columns]): Looked => {
    const table = tables.get(name)
    if (!table) return [name]
    return columns.flatMap((column): Looked => {
      if (!table.columns.has(column)) return [`${name}.${column}`]
      return Object.values(subject).map((value) => ({ table, column, value }))
    })
  })
}

function primaryKeyOf({ indexes }: Table): string | undefined {
  const columns = indexes.find(({ isPrimary }) => isPrimary)?.columns
  return columns?.length === 1 ? columns[0] : undefined
}

/** As if the rows there went, and those with a foreign key to them. */
function changesAt({ table, column, value }: Place): readonly RowChange[] {
  const isKey = primaryKeyOf(table) === column
  // Of a row that is known by its primary key alone, other columns that are referred to may have any value.
  const referring = table.referencedBy.filter((key) => isKey || key.referencedColumns.includes(column))
  return [
    { table, kind: 'delete', before: imageOf(table, column, value) },
    ...referring.map((key): RowChange => {
      const own = key.columns[key.referencedColumns.indexOf(column)]
      return { table: key.table, kind: 'delete', before: imageOf(key.table, own, value) }
    }),
  ]
}

function imageOf({ columns }: Table, name: string | undefined, value: string): Image {
  const column = name === undefined ? undefined : columns.get(name)
  const text = column && canonicalText(value, column)
  return new Map(column && text !== undefined ? [[column.name, [text]]] : [])
}
