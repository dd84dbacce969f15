import type { Column, RowEvent, Table } from '../sql/relation.js'
import type { Assigned, Assignments, Fixed, Returned, TableWrite } from '../sql/statement.js'
import { canonicalText } from './canonical-text.js'
import { type Arguments, comparedTexts, type Image, writtenText } from './values.js'

/** What happens to rows of a table. */
export type RowChange = { readonly table: Table } & (
  | { readonly kind: 'insert'; readonly after: Image }
  | { readonly kind: 'delete'; readonly before: Image }
  | {
      readonly kind: 'update'
      readonly before: Image
      readonly after: Image
      readonly changed: ReadonlySet<string>
    }
  /** Anything may happen to any row. */
  | { readonly kind: 'any' }
  | { readonly kind: 'truncate'; readonly isCascading: boolean }
)

/** The rows of a result, by the names of its columns. */
export type Rows = readonly Readonly<Record<string, unknown>>[]

/** More are taken for any. */
const MOST_ROWS = 200

const ANYTHING: Image = new Map()

/**
 * What a statement did, as far as it says.
 *
 * @param rows - Those it returned; undefined where they are not known, or not all.
 */
export function rowChanges(
  write: TableWrite,
  given: Arguments,
  rows: Rows | undefined,
): readonly RowChange[] {
  const { table } = write
  const returned =
    'returned' in write && write.returned && rows ? imagesOf(write.returned, rows, table) : undefined
  // A rule may have PostgreSQL do something else.
  const isRuled = table.triggers.some(({ isRule }) => isRule)
  if (isRuled || (returned?.length ?? 0) > MOST_ROWS) return [{ table, kind: 'any' }]
  switch (write.kind) {
    case 'insert':
      return insertions(write, given, returned)
    case 'update':
      return updates(write, given, returned)
    case 'delete': {
      const fixed = imageOfFixed(write.fixed, table, given)
      return (returned ?? [ANYTHING]).map((row) => ({ table, kind: 'delete', before: both(fixed, row) }))
    }
    default:
      return [write]
  }
}

function updates(
  { table, fixed, set }: TableWrite & { kind: 'update' },
  given: Arguments,
  returned: readonly Image[] | undefined,
): readonly RowChange[] {
  const changed = changedColumns(table, set.keys())
  const known = imageOfFixed(fixed, table, given)
  const kept = without(known, changed)
  const assigned = changesUpdated(table) ? ANYTHING : imageOfAssigned(set, table, given, ANYTHING)
  return (returned ?? [ANYTHING]).map((row) => ({
    table,
    kind: 'update',
    before: both(known, without(row, changed)),
    after: both(both(kept, assigned), row),
    changed,
  }))
}

function insertions(
  { table, insert }: TableWrite & { kind: 'insert' },
  given: Arguments,
  returned: readonly Image[] | undefined,
): readonly RowChange[] {
  if ((insert.rows?.length ?? 0) > MOST_ROWS) return [{ table, kind: 'any' }]
  const isChanged = changesRows(table, 'insert')
  const rows = isChanged
    ? [ANYTHING]
    : (insert.rows?.map((row) => imageOfAssigned(row, table, given, ANYTHING)) ?? [ANYTHING])
  const anyRow = unionOf(rows)
  const { update } = insert
  const inserted = returned && !update ? returned.map((row) => both(anyRow, row)) : (returned ?? rows)
  const insertion = inserted.map((after): RowChange => ({ table, kind: 'insert', after }))
  if (!update) return insertion
  const changed = changedColumns(table, update.set.keys())
  // By these, PostgreSQL has found the row that is there.
  const found = new Map([...anyRow].filter(([name]) => update.columns.includes(name)))
  const assigned = changesUpdated(table) ? ANYTHING : imageOfAssigned(update.set, table, given, anyRow)
  const updated = (returned ?? [ANYTHING]).map(
    (row): RowChange => ({
      table,
      kind: 'update',
      before: both(found, without(row, changed)),
      after: both(both(without(found, changed), assigned), row),
      changed,
    }),
  )
  return [...insertion, ...updated]
}

/** Whether a trigger may give a row other values than the statement does. */
function changesRows({ triggers }: Table, event: RowEvent): boolean {
  return triggers.some(({ isBefore, events }) => isBefore && events.has(event))
}

/** Whether a trigger may change a row that is updated: one that goes to another partition is inserted there. */
export function changesUpdated(table: Table): boolean {
  return changesRows(table, 'update') || (table.isPartitioned && changesRows(table, 'insert'))
}

/** The columns that may have another value after an update that sets some of them. */
export function changedColumns(table: Table, set: Iterable<string>): ReadonlySet<string> {
  if (changesUpdated(table)) return new Set(table.columns.keys())
  const generated = [...table.columns.values()].filter(({ isGenerated }) => isGenerated)
  return new Set([...set, ...generated.map(({ name }) => name)])
}

function imageOfFixed(fixed: Fixed, table: Table, given: Arguments): Image {
  return imageFrom(fixed, table, (operands, column) => comparedTexts(operands, column, given))
}

/** @param excluded - What the row that could not be inserted has. */
function imageOfAssigned(set: Assignments, table: Table, given: Arguments, excluded: Image): Image {
  return imageFrom(set, table, (assigned, column) => textsOfAssigned(assigned, column, given, excluded))
}

function textsOfAssigned(
  assigned: Assigned,
  column: Column,
  given: Arguments,
  excluded: Image,
): readonly string[] | undefined {
  if (assigned === undefined) return undefined
  // A column of another type or length may be given another value.
  if ('excluded' in assigned) return assigned.excluded === column.name ? excluded.get(column.name) : undefined
  const text = writtenText(assigned.operand, column, given)
  return text === undefined ? undefined : [text]
}

function imagesOf(returned: Returned, rows: Rows, table: Table): readonly Image[] {
  return rows.map((row) =>
    imageFrom(returned, table, (output, column) => {
      const text =
        Object.hasOwn(row, output) && row[output] !== undefined
          ? canonicalText(row[output], column)
          : undefined
      return text === undefined ? undefined : [text]
    }),
  )
}

function imageFrom<Source>(
  sources: ReadonlyMap<string, Source>,
  { columns }: Table,
  textsOf: (source: Source, column: Column) => readonly string[] | undefined,
): Image {
  const image = new Map<string, readonly string[]>()
  for (const [name, source] of sources) {
    const column = columns.get(name)
    const texts = column?.family === undefined ? undefined : textsOf(source, column)
    if (texts !== undefined) image.set(name, texts)
  }
  return image
}

/** @param more - Where both know a column, this one knows it better. */
function both(image: Image, more: Image): Image {
  return more.size === 0 ? image : new Map([...image, ...more])
}

function without(image: Image, columns: ReadonlySet<string>): Image {
  return new Map([...image].filter(([name]) => !columns.has(name)))
}

/** What is known of each of several rows. */
function unionOf(images: readonly Image[]): Image {
  const [first = ANYTHING, ...others] = images
  const union = new Map<string, readonly string[]>()
  for (const [name, texts] of first) {
    const all = others.map((image) => image.get(name))
    if (all.every((more) => more !== undefined)) union.set(name, [...new Set([texts, ...all].flat())])
  }
  return union
}
