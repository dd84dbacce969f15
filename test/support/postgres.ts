import { randomUUID } from 'node:crypto'
import { openDatabase } from '#demo/database/open-database.js'
import { pendingOutsideCi } from './pending-outside-ci.js'
import { PostgresNotFound, type PostgresServer, startPostgres } from './postgres-server.js'

const HOW_TO_GET_ONE =
  'PostgreSQL was not found: sudo apt-get install postgresql, or DATABASE_URL=postgresql://… npm test'

let shared: Promise<PostgresServer> | undefined
const made: string[] = []

/**
 * The URL of a new, empty database, in the PostgreSQL at `DATABASE_URL` or in one started for the run. It goes when the
 * run ends.
 *
 * The server is looked for when the first suite asks. Where there is none, the suite is pending, or under `CI=true` it
 * fails.
 *
 * @example
 * before(async function () { databaseUrl = await postgresForTests(this) })
 */
export async function postgresForTests(context: Mocha.Context): Promise<string> {
  const server = process.env.DATABASE_URL ?? (await ownServer(context)).url
  const name = `express_cacheable_${randomUUID().replaceAll('-', '')}`
  await execute(server, `CREATE DATABASE ${name}`)
  made.push(name)
  const url = new URL(server)
  url.pathname = name
  return url.href
}

/** A PostgreSQL for this suite, with settings of its own. The caller stops it. */
export async function ownPostgresForTests(
  context: Mocha.Context,
  settings: readonly string[] = [],
): Promise<PostgresServer> {
  context.timeout(0)
  try {
    return await startPostgres(settings)
  } catch (error) {
    if (!(error instanceof PostgresNotFound)) throw error
    return pendingOutsideCi(context, HOW_TO_GET_ONE, error)
  }
}

/** Ends what the run has started, and removes what it has made elsewhere. */
export async function releasePostgres(): Promise<void> {
  const server = await shared?.catch(() => undefined)
  await server?.stop()
  const { DATABASE_URL } = process.env
  if (!DATABASE_URL) return
  for (const name of made.splice(0)) await execute(DATABASE_URL, `DROP DATABASE ${name} WITH (FORCE)`)
}

async function ownServer(context: Mocha.Context): Promise<PostgresServer> {
  // Installing it may take minutes; progress is printed meanwhile.
  context.timeout(0)
  shared ??= startPostgres()
  try {
    return await shared
  } catch (error) {
    if (!(error instanceof PostgresNotFound)) throw error
    return pendingOutsideCi(context, HOW_TO_GET_ONE, error)
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const { prisma, close } = await openDatabase(url)
  try {
    await prisma.$executeRawUnsafe(statement)
  } finally {
    await close()
  }
}
