import { escapeText } from '../keys/escape-value.js'

/** Carried by what may have read any table; each write evicts it. */
export const ANY_TABLE = 'any-table'
/** Carried by all that has read a table; what may have written any evicts it. */
export const ALL_TABLES = 'all-tables'

/**
 * Names a table in tags, the same for readers and writers in all processes. No name can spell another's tags.
 *
 * @param schema - Its schema in PostgreSQL; `public` is left out.
 * @param database - Tells two databases apart that one cache is used for.
 */
export function tableName(table: string, schema = 'public', database?: string): string {
  const name = schema === 'public' ? escapeText(table) : `${escapeText(schema)}.${escapeText(table)}`
  return database === undefined ? name : `${escapeText(database)}/${name}`
}

/** What an entry carries that was made from a table, whichever rows of it. */
export function tagsOfTable(name: string): readonly string[] {
  return [ALL_TABLES, `${name}*`]
}

/** `table`, `schema.table`, `database/schema.table`: none of the names has a dot or a slash in it. */
const WRITTEN = /^(?:([^./]+)\/)?(?:([^./]+)\.)?([^./]+)$/

/** A table as people write it in rules: `customers`, `audit.customers`, `crm/customers`. @returns Its name in tags, if it is one. */
export function tableFrom(written: string): string | undefined {
  const [, database, schema, table] = WRITTEN.exec(written) ?? []
  // Half a character has no UTF-8 form.
  if (table === undefined || /\p{Surrogate}/u.test(written)) return undefined
  return tableName(table, schema, database)
}

/** What an entry carries that was made from any rows of a table. */
export function tagsOfTableRead(name: string): readonly string[] {
  return [...tagsOfTable(name), `${name}[]`]
}

/** What a write evicts that may have changed any rows of a table. */
export function tagsOfTableWrite(name: string): readonly string[] {
  return [ANY_TABLE, `${name}*`]
}
