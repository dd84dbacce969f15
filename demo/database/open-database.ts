import { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { CommandError } from '../command-error.js'
import { PrismaClient } from '../prisma/generated/client.js'
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
export function openDatabase(url: string | undefined): Promise<Database> {
  return url ? openPostgres(url) : openEmbedded()
}

async function openEmbedded(): Promise<Database> {
  const pglite = await PGlite.create()
  const client = createClient(new PrismaPGlite(pglite))
  return {
    ...client,
    description: 'PGlite, embedded, in memory',
    async close() {
      await client.prisma.$disconnect()
      await pglite.close()
    },
  }
}

async function openPostgres(url: string): Promise<Database> {
  const adapter = new PrismaPg({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  const client = createClient(adapter)
  const place = placeOf(url)
  try {
    await client.prisma.$queryRaw`SELECT 1`
  } catch (error) {
    await client.prisma.$disconnect().catch(() => {})
    throw new CommandError(`The database at DATABASE_URL (${place}) cannot be used: ${reasonOf(error)}.`)
  }
  return { ...client, description: `PostgreSQL at ${place}`, close: () => client.prisma.$disconnect() }
}

function createClient(adapter: PrismaPGlite | PrismaPg): Pick<Database, 'prisma' | 'queries'> {
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] })
  let queries = 0
  prisma.$on('query', ({ query }) => {
    if (!/"(OutboxEvent|HandledEvent)"/.test(query)) queries += 1
  })
  return { prisma, queries: () => queries }
}

function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port || 5432}${pathname}`
}
