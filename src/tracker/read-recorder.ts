import type { LoadTags } from '../dependencies/load-tags.js'
import { ALL_TABLES, tagsOfTable, tagsOfTableRead } from '../dependencies/table-tags.js'
import type { ReadGroup } from '../tracking/read-groups.js'

/** More groups of one table make an entry depend on the table. */
const MOST_GROUPS = 20

/** What a load has read of a table so far; `all`: of too many groups to tell them apart. */
type Known = Set<string> | 'all'

/** Gives loads the tags of what they read, and of a whole table where its groups become many. */
export class ReadRecorder {
  readonly #tables = new WeakMap<LoadTags, Map<string, Known>>()

  record(load: LoadTags, groups: readonly ReadGroup[]): void {
    const tables = this.#tables.get(load) ?? new Map<string, Known>()
    this.#tables.set(load, tables)
    for (const { table, tags } of groups) {
      const known = tables.get(table) ?? begin(load, table)
      if (known === 'all') continue
      known.add(tags.join('\0'))
      const isMany = known.size > MOST_GROUPS
      load.add(isMany ? tagsOfTableRead(table) : tags)
      tables.set(table, isMany ? 'all' : known)
    }
  }
}

/** What each entry carries that reads the table. Without a name it is of no table that is known. */
function begin(load: LoadTags, table: string): Set<string> {
  load.add(table === '' ? [ALL_TABLES] : tagsOfTable(table))
  return new Set()
}
