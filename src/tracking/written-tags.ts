import { ALL_TABLES, ANY_TABLE, tagsOfTableWrite } from '../dependencies/table-tags.js'
import type { RowChange } from './row-changes.js'
import { ANY_VALUE, choicesOf, groupTag } from './shapes.js'
import type { TrackedTable, TrackedTables } from './tracked-table.js'
import type { Image } from './values.js'

/** With more tags of one table, a write evicts all that was made from it. */
const MOST_TAGS = 300
/** With more of all tables, the same of each: so many tags are a burden to a store that others ask too. */
const MOST_ALTOGETHER = 3_000

/** The tags of rows that were written, gathered one by one: however many rows there are, it takes no more memory. */
export class WrittenTags {
  /** By the name of a table in tags. */
  readonly #byTable = new Map<string, Set<string> | 'whole'>()
  #isEverything = false

  get isEmpty(): boolean {
    return !this.#isEverything && this.#byTable.size === 0
  }

  /** Whether further rows of the table change nothing: whoever has them need not look into them. */
  isWhole(table: string): boolean {
    return this.#isEverything || this.#byTable.get(table) === 'whole'
  }

  /** A row that is written, or was there before. */
  addRow(table: TrackedTable, row: Image): void {
    const tags = this.#of(table.name)
    if (tags === 'whole' || (addGroups(row, table, tags) && tags.size <= MOST_TAGS)) return
    this.addTable(table.name)
  }

  /** Anything may have happened to any of its rows. @param table - Its name in tags. */
  addTable(table: string): void {
    this.#byTable.set(table, 'whole')
  }

  /** Anything may have happened to any table. */
  addEverything(): void {
    this.#isEverything = true
    this.#byTable.clear()
  }

  addAll(other: WrittenTags): void {
    if (other.#isEverything) this.addEverything()
    for (const [table, added] of other.#byTable) {
      const tags = this.#of(table)
      if (tags === 'whole') continue
      if (added !== 'whole') for (const tag of added) tags.add(tag)
      if (added === 'whole' || tags.size > MOST_TAGS) this.addTable(table)
    }
  }

  /** What an eviction takes after these changes. */
  list(): readonly string[] {
    if (this.#isEverything) return [ANY_TABLE, ALL_TABLES]
    const count = [...this.#byTable.values()].reduce(
      (sum, tags) => sum + (tags === 'whole' ? 1 : tags.size),
      0,
    )
    const all = [...this.#byTable].flatMap(([name, tags]) =>
      tags === 'whole' || count > MOST_ALTOGETHER ? tagsOfTableWrite(name) : [...tags],
    )
    return all.length === 0 ? [] : [...new Set([ANY_TABLE, ...all])]
  }

  #of(table: string): Set<string> | 'whole' {
    if (this.#isEverything) return 'whole'
    const known = this.#byTable.get(table)
    if (known) return known
    const tags = new Set([`${table}[]`])
    this.#byTable.set(table, tags)
    return tags
  }
}

/** What an eviction takes after these changes. */
export function tagsOfChanges(changes: Iterable<RowChange>, tables: TrackedTables): readonly string[] {
  const written = new WrittenTags()
  for (const change of changes) {
    const table = tables.get(change.table)
    if (isUnknown(change)) written.addTable(table.name)
    for (const image of imagesOf(change)) written.addRow(table, image)
  }
  return written.list()
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
