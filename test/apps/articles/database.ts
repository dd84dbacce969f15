import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import type { PrismaTracker, TrackerOptions } from 'express-cacheable/prisma'
import pg from 'pg'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { PROJECT_ROOT } from '../../support/project-root.js'
import { PrismaClient } from './prisma/generated/client.js'

/** The compiled file lies in build; these stay where the schema is. */
const FOLDER = join(PROJECT_ROOT, 'test/apps/articles/prisma')

const EMPTIED = `TRUNCATE "User", "Biography", "Follow", "Series", "Article", "Tag", "_ArticleToTag", "Favourite",
  "Comment", "Revision" RESTART IDENTITY`

/** What the catalogue does not say about triggers and functions, for a tracker. */
export const TRACKED = {
  triggers: { Article: ['Revision'] },
} satisfies TrackerOptions

/** A database with the application's tables. */
export interface ArticlesDatabase {
  /** A client of it, followed by the tracker where there is one. It is disconnected with the database. */
  makePrisma(tracker?: PrismaTracker): PrismaClient
  /** Leaves the first rows alone, numbered from 1 on. No client and no tracker hears of it. */
  renew(): Promise<void>
  close(): Promise<void>
}

/** Opens an empty PostgreSQL at the URL, or an embedded one in memory; makes the tables, and the first rows. */
export async function openArticles(url?: string): Promise<ArticlesDatabase> {
  const server = url === undefined ? await embedded() : await remote(url)
  const tables = await readFile(join(FOLDER, 'tables.sql'), 'utf8')
  const rows = await readFile(join(FOLDER, 'rows.sql'), 'utf8')
  const renew = () => server.execute(`${EMPTIED}; ${rows}`)
  await server.execute(tables)
  await renew()
  const clients: PrismaClient[] = []
  return {
    makePrisma(tracker) {
      const factory = server.adapter()
      const client = new PrismaClient({ adapter: tracker ? tracker.adapter(factory) : factory })
      clients.push(client)
      // With the extension it does the same, and has lost `$on` alone.
      return tracker ? (client.$extends(tracker.extension) as unknown as PrismaClient) : client
    },
    renew,
    async close() {
      await Promise.all(clients.map((client) => client.$disconnect()))
      await server.close()
    },
  }
}

interface Server {
  adapter(): PrismaPg | PrismaPGlite
  execute(sql: string): Promise<void>
  close(): Promise<void>
}

async function embedded(): Promise<Server> {
  const pglite = await PGlite.create()
  return {
    adapter: () => new PrismaPGlite(pglite),
    execute: async (sql) => void (await pglite.exec(sql)),
    close: () => pglite.close(),
  }
}

async function remote(url: string): Promise<Server> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  return {
    adapter: () => new PrismaPg({ connectionString: url }),
    execute: async (sql) => void (await pool.query(sql)),
    close: () => pool.end(),
  }
}
