import { ANY_TABLE, tagsOfTableWrite } from '../dependencies/table-tags.js'
import type { RowChange } from './row-changes.js'
import { ANY_VALUE, choicesOf, groupTag } from './shapes.js'
import type { TrackedTable, TrackedTables } from './tracked-table.js'
import type { Image } from './values.js'

/** With more tags of one table, a write evicts all that was made from it. */
const MOST_TAGS = 300

/** What an eviction takes after these changes. */
export function tagsOfChanges(changes: Iterable<RowChange>, tables: TrackedTables): readonly string[] {
  const byTable = new Map<TrackedTable, Set<string> | 'whole'>()
  for (const change of changes) {
    const table = tables.get(change.table)
    const tags = byTable.get(table) ?? new Set([`${table.name}[]`])
    if (tags === 'whole') continue
    const isWhole = !imagesOf(change).every((image) => addGroups(image, table, tags))
    byTable.set(table, isWhole || tags.size > MOST_TAGS || isUnknown(change) ? 'whole' : tags)
  }
  const all = [...byTable].flatMap(([{ name }, tags]) =>
    tags === 'whole' ? tagsOfTableWrite(name) : [...tags],
  )
  return all.length === 0 ? [] : [...new Set([ANY_TABLE, ...all])]
}

function isUnknown({ kind }: RowChange): boolean {
  return kind === 'any' || kind === 'truncate'
}

function imagesOf(change: RowChange): readonly Image[] {
  switch (change.kind) {
    case 'insert':
      return [change.after]
    case 'delete':
      return [change.before]
    case 'update':
      return [change.before, change.after]
    default:
      return []
  }
}

/** Adds the groups in which such a row is. @returns Whether they are few enough. */
function addGroups(image: Image, { shapes }: TrackedTable, tags: Set<string>): boolean {
  for (const shape of shapes) {
    const lists = shape.columns.map((column) => image.get(column.name) ?? [ANY_VALUE])
    if (lists.reduce((count, list) => count * list.length, 1) > MOST_TAGS) return false
    for (const values of choicesOf(lists)) tags.add(groupTag(shape, values))
  }
  return true
}
