import { ALL_TABLES, ANY_TABLE } from './table-tags.js'

/** A row, or a group of rows; a tag that is none of a table's says as much. */
const SPECIFIC = 0
const SOME_COLUMN_OPEN = 1
const TABLE = 2
const ANYTHING = 3

/** Of the tags that say the same more or less exactly, the most exact ones: those that people want to read. */
export function specificTags(tags: readonly string[]): readonly string[] {
  const rank = Math.min(...tags.map(rankOf))
  return [...new Set(tags.filter((tag) => rankOf(tag) === rank))]
}

/** As people read it: the table itself, where a tag is for all of its rows. */
export function tagInWords(tag: string): string {
  return tag.replace(/(?:\*|\[\])$/, (end, at: number) => (tag[at - 1] === '#' ? end : ''))
}

/** See `table-tags.ts`: a row is `T#42`, a group `T[userId=7]`, a table `T*` and `T[]`. */
function rankOf(tag: string): number {
  if (tag === ALL_TABLES || tag === ANY_TABLE) return ANYTHING
  if (tag.endsWith('#*') || /=\*[,\]]/.test(tag)) return SOME_COLUMN_OPEN
  return tag.endsWith('*') || tag.endsWith('[]') ? TABLE : SPECIFIC
}
