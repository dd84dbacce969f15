/** Stands in every tag of a table behind its name, and in no tag that a rule declares. */
const BEHIND_NAME = /[*[]/

/** The table that a tag is about; `undefined` for a tag that people have declared or given. */
export function tableOfTag(tag: string): string | undefined {
  const end = tag.search(BEHIND_NAME)
  return end > 0 ? tag.slice(0, end) : undefined
}

/** Whether it stands for all rows of its table, of which there is one among the tags of each table that is read or written. */
function isOfWholeTable(tag: string): boolean {
  return tag.endsWith('*') || tag.endsWith('[]')
}

/** One rule or write may have seen them all. */
const MOST_TABLES = 100

/** Adds the table that a tag is for, if it is one of a whole table. */
export function addTableOf(tag: string, tables: Set<string>): void {
  const table = tables.size < MOST_TABLES && isOfWholeTable(tag) ? tableOfTag(tag) : undefined
  if (table !== undefined) tables.add(table)
}
