import type { Node } from 'libpg-query'
import { CacheError } from '../errors.js'
import { reasonOf } from '../tools/reason-of.js'

/** Prisma binds 32,766 parameters at most, which is less text. The parser takes some milliseconds for as much. */
const LONGEST_TEXT = 512 * 1_024

type Parse = (sql: string) => { readonly stmts?: readonly { readonly stmt?: Node }[] }

/** Reads SQL with PostgreSQL's own parser. */
export class StatementReader {
  readonly #parse: Parse

  private constructor(parse: Parse) {
    this.#parse = parse
  }

  /** @throws CacheError `E_CACHE_OPTION` where the parser is not installed, or does not start. */
  static async load(): Promise<StatementReader> {
    try {
      const { loadModule, parseSync } = requireParser()
      await loadModule()
      return new StatementReader(parseSync)
    } catch (error) {
      throw new CacheError('E_CACHE_OPTION', {
        problem: `libpg-query, which reads the SQL of tracked statements, cannot be loaded: ${reasonOf(error)}`,
        mend: 'Run npm install libpg-query.',
        cause: error,
      })
    }
  }

  /** The statements of a text; undefined for one that is no SQL, or too long to be read. */
  read(sql: string): readonly Node[] | undefined {
    // At a zero byte, the parser takes the text to end.
    if (sql.length > LONGEST_TEXT || sql.includes('\0')) return undefined
    // The parser takes an empty text for a mistake of its caller. PostgreSQL answers it.
    if (sql.trim() === '') return []
    try {
      return (this.#parse(sql).stmts ?? []).flatMap(({ stmt }) => (stmt ? [stmt] : []))
    } catch {
      return undefined
    }
  }
}

/** By a plain call, outside of the `try`, which each bundler follows. */
function requireParser(): typeof import('libpg-query') {
  return require('libpg-query')
}
