import type { PrismaTracker } from 'express-cacheable/prisma'
import { migrate } from '#demo/database/migrate.js'
import { type Database, openDatabase } from '#demo/database/open-database.js'
import { postgresForTests } from './postgres.js'

/** Opens the suite's database for one test; it is closed after it. All tests of a suite share its rows. */
export type OpenTracked = (tracker: PrismaTracker) => Promise<Database>

/** Runs the same tests over the embedded database, each test with one of its own, and over one real PostgreSQL. */
export function onEachTrackedDatabase(title: string, define: (open: OpenTracked) => void): void {
  describe(`${title} (PGlite)`, () => defineOn(async () => undefined, define))
  describe(`${title} (PostgreSQL)`, () => defineOn(postgresForTests, define))
}

function defineOn(
  findUrl: (context: Mocha.Context) => Promise<string | undefined>,
  define: (open: OpenTracked) => void,
): void {
  const databases: Database[] = []
  let url: string | undefined
  before(async function () {
    url = await findUrl(this)
  })
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.close()
  })
  define(async (tracker) => {
    const database = await openDatabase(url, tracker)
    databases.push(database)
    await migrate(database.prisma)
    return database
  })
}
