import { migrate } from '#demo/database/migrate.js'
import { type Database, openDatabase } from '#demo/database/open-database.js'
import { postgresForTests } from './postgres.js'

/** Runs the same tests on the embedded database and on a real PostgreSQL; each suite has one of its own, with tables. */
export function onEachDatabase(title: string, define: (database: () => Database) => void): void {
  describe(`${title} (PGlite)`, () => defineOn(async () => undefined, define))
  describe(`${title} (PostgreSQL)`, () => defineOn(postgresForTests, define))
}

function defineOn(
  findUrl: (context: Mocha.Context) => Promise<string | undefined>,
  define: (database: () => Database) => void,
): void {
  let database: Database

  before(async function () {
    const url = await findUrl(this)
    this.timeout(60_000)
    database = await openDatabase(url)
    await migrate(database.prisma)
  })
  after(() => database?.close())

  define(() => database)
}
