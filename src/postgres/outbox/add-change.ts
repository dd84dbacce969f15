import { canonicalText } from '../../tracking/canonical-text.js'
import type { TrackedTable } from '../../tracking/tracked-table.js'
import type { Image } from '../../tracking/values.js'
import type { WrittenTags } from '../../tracking/written-tags.js'
import type { FollowedTables } from '../followed-tables.js'

/** A row of the outbox: what a statement did to a table, or that tables have changed. */
export interface OutboxChange {
  readonly schema: string | null
  readonly table: string | null
  /** `rows`, `any`, `truncate` or `ddl`. */
  readonly kind: string
  readonly images: readonly Readonly<Record<string, string | null>>[] | null
}

/** Adds the tags of a change. @returns Whether the catalogue is not what it was. */
export function addChange(written: WrittenTags, change: OutboxChange, tables: FollowedTables): boolean {
  const { schema, table, kind, images } = change
  if (schema === null || table === null) {
    written.addEverything()
    return true
  }
  const found = tables.find(schema, table)
  if (found.kind === 'ignored') return false
  if (found.kind === 'new') {
    written.addTable(found.name)
    return true
  }
  const { name } = found.table
  if (kind !== 'rows' || !images) written.addTable(name)
  for (const image of images ?? []) {
    if (written.isWhole(name)) break
    written.addRow(found.table, imageOf(image, found.table))
  }
  return false
}

function imageOf(values: Readonly<Record<string, string | null>>, { table }: TrackedTable): Image {
  const image = new Map<string, readonly string[]>()
  for (const [name, value] of Object.entries(values)) {
    const column = table.columns.get(name)
    const text = column && canonicalText(value, column)
    if (text !== undefined) image.set(name, [text])
  }
  return image
}
