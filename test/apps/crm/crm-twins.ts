import { randomBytes } from 'node:crypto'
import type { Cache } from 'express-cacheable'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG, type Evictions, type Follow } from '#demo/config.js'
import type { Database } from '#demo/database/open-database.js'
import { createTokens } from '#demo/http/tokens.js'
import { silentLogger } from '#demo/logger.js'
import type { PrismaClient } from '#demo/prisma/generated/client.js'
import { partsOf } from '#src/cache-parts.js'
import type { CrmUser } from '../../support/crm-cast.js'
import type { Twins } from './crm-twin.js'

const PEOPLE = 3
const PATIENCE_MS = 20_000
const SHARED = { ...DEFAULT_CONFIG, port: 0, warm: false, signInsPerMinute: 100_000, deadlineMs: 10_000 }

export interface PartsOfTwins {
  readonly databaseUrl?: string | undefined
  readonly redisUrl?: string | undefined
  readonly follow?: Follow | undefined
}

export interface RunningTwins extends Twins {
  readonly cached: RunningDemo
  readonly staff: [admin: CrmUser, ...others: CrmUser[]]
  close(): Promise<void>
}

/**
 * In one process, over PGlite or the PostgreSQL at the URL; in the in-process store or the Redis at the URL.
 *
 * @param follow - With anything but `off`, what is written is written through the one without a cache.
 */
export async function startCrmTwins(
  evictions: Evictions,
  { databaseUrl, redisUrl, follow = 'off' }: PartsOfTwins = {},
): Promise<RunningTwins> {
  const jwtSecret = randomBytes(32).toString('hex')
  const keyPrefix = redisUrl && `twin-${randomBytes(6).toString('hex')}:`
  const cached = await startDemo({
    ...{ ...SHARED, evictions, databaseUrl, redisUrl, follow },
    ...{ keyPrefix, jwtSecret },
  })
  const bare = await startBareTwin(jwtSecret, cached)
  return {
    ...{ cached, cachedUrl: cached.url, bareUrl: bare.url },
    staff: await staffOf(cached.prisma, jwtSecret),
    writer: follow === 'off' ? 'cached' : 'bare',
    settle: () => untilFollowed(cached.cache),
    close: async () => {
      await bare.close()
      await cached.close()
    },
  }
}

/** Resolves once all that has been committed has been evicted, where the cache follows its database. */
async function untilFollowed(cache: Cache): Promise<void> {
  for (const database of partsOf(cache).followed.list()) {
    const position = await database.position(PATIENCE_MS)
    if (position === null || !(await database.passed(position, PATIENCE_MS))) {
      throw new Error(`nobody follows ${database.name}`)
    }
  }
}

/** A CRM without a cache on the database of another. It is only asked. */
export function startBareTwin(
  jwtSecret: string,
  { prisma, queries, database }: Pick<RunningDemo, 'prisma' | 'queries' | 'database'>,
): Promise<RunningDemo> {
  const shared: Database = { prisma, queries, description: database, close: async () => {} }
  return startDemo({ ...SHARED, cache: false, jwtSecret }, silentLogger, shared)
}

/** Three people of the seed, the admin first, with a token of each. */
export async function staffOf(
  prisma: PrismaClient,
  jwtSecret: string,
): Promise<[admin: CrmUser, ...others: CrmUser[]]> {
  const users = await prisma.user.findMany({ orderBy: [{ role: 'asc' }, { id: 'asc' }], take: PEOPLE })
  const tokens = createTokens(jwtSecret)
  const staff = await Promise.all(
    users.map(async (user) => ({ id: user.id, token: await tokens.sign(user) })),
  )
  return staff as [CrmUser, ...CrmUser[]]
}
