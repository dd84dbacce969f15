import { createCache } from 'express-cacheable'
import { trackPrisma } from 'express-cacheable/prisma'
import { KEEP_ALIVE_MS, listen } from '../../support/http.js'
import type { Subject } from '../twin/subject.js'
import { articlesApp, EXTERNAL_KEYS } from './app.js'
import { ArticlesCast } from './cast.js'
import { type ArticlesDatabase, TRACKED } from './database.js'
import type { Declared } from './evictions.js'

export interface TwinArticles extends Subject {
  close(): Promise<void>
}

export interface ArticlesChoice {
  readonly declare: Declared
  /** Whether what a load reads, and what is written, is followed. */
  readonly isTracked: boolean
}

/** Serves the application with a cache, and without one, on a database with its first rows. */
export async function openTwinArticles(
  database: ArticlesDatabase,
  { declare, isTracked }: ArticlesChoice,
): Promise<TwinArticles> {
  const cache = createCache({ externalKeys: EXTERNAL_KEYS })
  const bare = database.makePrisma()
  await database.renew()
  const prisma = database.makePrisma(isTracked ? trackPrisma(cache, TRACKED) : undefined)
  const app = articlesApp({ prisma, cache, declare })
  await cache.ready(app)
  const servers = [
    await listen(app, KEEP_ALIVE_MS),
    await listen(articlesApp({ prisma: bare, cache: null, declare }), KEEP_ALIVE_MS),
  ] as const
  return {
    ...{ cachedUrl: servers[0].url, bareUrl: servers[1].url, cache, cast: new ArticlesCast() },
    headers: ['etag', 'x-total-count'],
    async close() {
      for (const server of servers) await server.close()
      await Promise.all([prisma.$disconnect(), bare.$disconnect()])
      await cache.close()
    },
  }
}
