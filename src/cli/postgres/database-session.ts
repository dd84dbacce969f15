import type { Client } from 'pg'
import { loadPg, type Pg } from '../../postgres/peers.js'
import type { Query } from '../../sql/catalogue.js'
import { CliError } from '../cli-error.js'
import type { Invocation } from '../command.js'
import { databaseUnreachable } from './database-unreachable.js'

const CONNECT_WITHIN_MS = 5_000

/** A database that a command looks into. */
export interface DatabaseSession {
  readonly url: string
  /** Where that is, for people, without what is secret: `crm on localhost:5432`. */
  readonly place: string
  readonly query: Query
  close(): Promise<void>
}

/** @throws CliError where none is named, or it cannot be reached. */
export async function openDatabase({ options, terminal }: Invocation): Promise<DatabaseSession> {
  const url = options.text('database') ?? process.env.DATABASE_URL
  if (!url) {
    throw new CliError(
      'no database is named',
      'Add --database postgresql://localhost:5432/crm, or set DATABASE_URL.',
    )
  }
  const client = clientOf(url)
  const place = `${client.database} on ${client.host}:${client.port}`
  terminal.progress(`Connecting to ${place} …`)
  // Whoever asks hears of it.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    throw databaseUnreachable(place, error)
  } finally {
    terminal.clearProgress()
  }
  const query = async (sql: string) => (await client.query(sql)).rows
  return { url, place, query, close: () => client.end().catch(() => {}) }
}

/** @throws CliError */
function clientOf(url: string): Client {
  const { Client: PgClient } = driver()
  if (/^(?:postgres|postgresql|socket):/.test(url)) {
    try {
      return new PgClient({
        ...{ connectionString: url, connectionTimeoutMillis: CONNECT_WITHIN_MS },
        application_name: 'express-cacheable',
      })
    } catch {
      // What it says may quote the URL.
    }
  }
  throw new CliError(
    '--database or DATABASE_URL is no URL of a PostgreSQL',
    'Write postgresql://user:password@host:5432/database, with special characters in the password percent-encoded.',
  )
}

/** @throws CliError where it is not installed. */
function driver(): Pg {
  try {
    return loadPg()
  } catch (cause) {
    throw new CliError('pg, which speaks to PostgreSQL, is not installed', 'Run npm install pg.', cause)
  }
}
