import { PrismaPg } from '@prisma/adapter-pg'
import type { PrismaTracker } from 'express-cacheable/prisma'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { CommandError } from '../command-error.js'
import { PrismaClient } from '../prisma/generated/client.js'
import { startEmbedded } from './embedded-database.js'
import { reasonOf } from './errors.js'

const CONNECT_TIMEOUT_MS = 5_000

export interface Database {
  readonly prisma: PrismaClient
  /** For people, without the password. */
  readonly description: string
  /** How many SQL statements have been sent so far, without those about the outbox, which is looked at by the clock. */
  queries(): number
  close(): Promise<void>
}

/**
 * Opens PostgreSQL at the URL, or an embedded PGlite in memory when there is none.
 *
 * @throws {CommandError} When the server cannot be reached within a few seconds, or does not let us in.
 */
export function openDatabase(url: string | undefined, tracker?: PrismaTracker): Promise<Database> {
  return url ? openPostgres(url, tracker) : openEmbedded(tracker)
}

async function openEmbedded(tracker: PrismaTracker | undefined): Promise<Database> {
  const pglite = await startEmbedded()
  const client = createClient(new PrismaPGlite(pglite), tracker)
  return {
    ...client,
    description: 'PGlite, embedded, in memory',
    async close() {
      await client.prisma.$disconnect()
      await pglite.close()
    },
  }
}

async function openPostgres(url: string, tracker: PrismaTracker | undefined): Promise<Database> {
  const adapter = new PrismaPg({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  const client = createClient(adapter, tracker)
  const place = placeOf(url)
  try {
    await client.prisma.$queryRaw`SELECT 1`
  } catch (error) {
    await client.prisma.$disconnect().catch(() => {})
    throw new CommandError(`The database at DATABASE_URL (${place}) cannot be used: ${reasonOf(error)}.`)
  }
  return { ...client, description: `PostgreSQL at ${place}`, close: () => client.prisma.$disconnect() }
}

function createClient(
  adapter: PrismaPGlite | PrismaPg,
  tracker: PrismaTracker | undefined,
): Pick<Database, 'prisma' | 'queries'> {
  const client = new PrismaClient({
    adapter: tracker ? tracker.adapter(adapter) : adapter,
    log: [{ emit: 'event', level: 'query' }],
  })
  let queries = 0
  client.$on('query', ({ query }) => {
    if (!/"(OutboxEvent|HandledEvent)"/.test(query)) queries += 1
  })
  // With the extension it does the same, and has lost `$on` alone.
  const prisma = tracker ? (client.$extends(tracker.extension) as unknown as PrismaClient) : client
  return { prisma, queries: () => queries }
}

function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port || 5432}${pathname}`
}
