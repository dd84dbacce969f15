import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import type { PrismaTracker, TrackerOptions } from 'express-cacheable/prisma'
import pg from 'pg'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { PROJECT_ROOT } from '../../support/project-root.js'
import { PrismaClient } from './prisma/generated/client.js'

/** The compiled file lies in build; the tables stay where their schema is. */
const TABLES = join(PROJECT_ROOT, 'test/apps/articles/prisma/tables.sql')

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
  /** Takes all rows away, and begins to count from 1 again; no client and no tracker hears of it. */
  empty(): Promise<void>
  close(): Promise<void>
}

/** Opens an empty PostgreSQL at the URL, or an embedded one in memory, and makes the tables. */
export async function openArticles(url?: string): Promise<ArticlesDatabase> {
  const server = url === undefined ? await embedded() : await remote(url)
  await server.execute(await readFile(TABLES, 'utf8'))
  const clients: PrismaClient[] = []
  return {
    makePrisma(tracker) {
      const factory = server.adapter()
      const client = new PrismaClient({ adapter: tracker ? tracker.adapter(factory) : factory })
      clients.push(client)
      // With the extension it does the same, and has lost `$on` alone.
      return tracker ? (client.$extends(tracker.extension) as unknown as PrismaClient) : client
    },
    empty: () => server.execute(EMPTIED),
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
