import type { Catalogue } from '../sql/catalogue.js'
import type { Table } from '../sql/relation.js'
import type { FunctionTables } from '../sql/surroundings.js'
import { wrongOption } from '../tools/check-values.js'

/** What a function of the database's own reads and writes. */
export interface DeclaredFunction {
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
}

/** The tables that triggers write, by the table or the view that has them. @throws CacheError `E_CACHE_OPTION`. */
export function declaredTriggers(
  declared: Readonly<Record<string, readonly string[]>>,
  catalogue: Catalogue,
): ReadonlyMap<string, readonly Table[]> {
  return new Map(
    Object.entries(declared).map(([name, written]) => {
      if (!catalogue.has(name)) throw noTable('triggers', name)
      return [name, written.map((table) => tableNamed(table, `triggers.${name}`, catalogue))]
    }),
  )
}

/** @throws CacheError `E_CACHE_OPTION` for a table that is not there. */
export function declaredFunctions(
  declared: Readonly<Record<string, DeclaredFunction>>,
  catalogue: Catalogue,
): ReadonlyMap<string, FunctionTables> {
  return new Map(
    Object.entries(declared).map(([name, { reads = [], writes = [] }]) => [
      name,
      {
        reads: reads.map((table) => tableNamed(table, `functions.${name}.reads`, catalogue)),
        writes: writes.map((table) => tableNamed(table, `functions.${name}.writes`, catalogue)),
      },
    ]),
  )
}

function tableNamed(name: string, where: string, catalogue: Catalogue): Table {
  const table = catalogue.tables.get(name)
  if (!table) throw noTable(where, name)
  return table
}

function noTable(where: string, name: string) {
  return wrongOption(
    where,
    `the database has no table '${name}'`,
    `Write it as the database does, with its schema if that is not public, such as 'audit.entries'.`,
  )
}
