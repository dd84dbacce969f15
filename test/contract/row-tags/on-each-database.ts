import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { postgresForTests } from '../../support/postgres.js'
import type { TestedDatabase } from './watched-reads.js'

/** Defines the same tests on the embedded database and on a real PostgreSQL. */
export function onEachDatabase(
  define: (database: TestedDatabase, name: 'PGlite' | 'PostgreSQL') => void,
): void {
  describe('on PGlite', () => {
    let pglite: PGlite
    before(async function () {
      this.timeout(60_000)
      pglite = await PGlite.create()
    })
    after(() => pglite?.close())

    const query: TestedDatabase['query'] = async (sql, args) => {
      const { rows, affectedRows = 0 } = await pglite.query<Record<string, unknown>>(sql, [...args])
      return { rows, affected: affectedRows }
    }
    define({ exec: (sql) => pglite.exec(sql), query }, 'PGlite')
  })

  describe('on PostgreSQL', () => {
    let client: pg.Client
    before(async function () {
      client = new pg.Client(await postgresForTests(this))
      await client.connect()
    })
    after(() => client?.end())

    const query: TestedDatabase['query'] = async (sql, args) => {
      const { rows, rowCount } = await client.query(sql, [...args])
      return { rows, affected: rowCount ?? 0 }
    }
    define({ exec: (sql) => client.query(sql), query }, 'PostgreSQL')
  })
}
