import { checkAgainst } from '../rules/check-options.js'
import type { Expectation } from '../tools/check-values.js'
import { isRecord } from '../tools/is-record.js'
import type { DeclaredFunction } from '../tracking/declared-tables.js'

/**
 * Options of `trackPrisma` and `trackPg`: what the database's catalogue does not say. Tables are named as in the database,
 * with their schema where it is not `public`.
 */
export interface TrackerOptions {
  /**
   * Tells two databases apart whose rows one cache holds answers of; the same in all processes.
   * @defaultValue none
   */
  readonly database?: string | undefined
  /**
   * The tables that a table's triggers write, besides its own. A write to a table with a trigger that is not named here
   * evicts all that was made from this database.
   * @example { articles: ['audit_log'], users: [] }
   */
  readonly triggers?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * The tables that functions of the database's own read and write. A statement that calls another counts as one that
   * cannot be read: what is made from it goes with each write, and it evicts all that was made from this database.
   */
  readonly functions?: Readonly<Record<string, DeclaredFunction>> | undefined
}

const EXPECTED: Readonly<Record<keyof TrackerOptions, Expectation>> = {
  database: {
    isMet: (value) => typeof value === 'string' && value !== '',
    mend: `Give a text that is not empty, such as 'crm'.`,
  },
  triggers: {
    isMet: (value) => isRecord(value) && Object.values(value).every(isList),
    mend: `Give lists of tables by the table with the trigger, such as { articles: ['audit_log'] }.`,
  },
  functions: {
    isMet: (value) => isRecord(value) && Object.values(value).every(isFunction),
    mend: `Give what each function reads and writes, such as { newest: { reads: ['articles'] } }.`,
  },
}

/** @throws CacheError `E_CACHE_OPTION` */
export function checkTrackerOptions(options: unknown, where: string): void {
  checkAgainst(EXPECTED, where, options, where)
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

function isFunction(value: unknown): boolean {
  if (!isRecord(value)) return false
  return Object.entries(value).every(([name, tables]) => ['reads', 'writes'].includes(name) && isList(tables))
}
