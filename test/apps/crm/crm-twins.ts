import { randomBytes } from 'node:crypto'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG, type Evictions } from '#demo/config.js'
import type { Database } from '#demo/database/open-database.js'
import { createTokens } from '#demo/http/tokens.js'
import { silentLogger } from '#demo/logger.js'
import type { PrismaClient } from '#demo/prisma/generated/client.js'
import type { CrmUser } from '../../support/crm-cast.js'
import type { Twins } from './crm-twin.js'

const PEOPLE = 3
const SHARED = { ...DEFAULT_CONFIG, port: 0, warm: false, signInsPerMinute: 100_000, deadlineMs: 10_000 }

export interface RunningTwins extends Twins {
  readonly cached: RunningDemo
  readonly staff: [admin: CrmUser, ...others: CrmUser[]]
  close(): Promise<void>
}

/** In one process, over PGlite or the PostgreSQL at the URL; in the in-process store or the Redis at the URL. */
export async function startCrmTwins(
  evictions: Evictions,
  { databaseUrl, redisUrl }: { databaseUrl?: string | undefined; redisUrl?: string | undefined } = {},
): Promise<RunningTwins> {
  const jwtSecret = randomBytes(32).toString('hex')
  const keyPrefix = redisUrl && `twin-${randomBytes(6).toString('hex')}:`
  const cached = await startDemo({ ...SHARED, evictions, databaseUrl, redisUrl, keyPrefix, jwtSecret })
  const bare = await startBareTwin(jwtSecret, cached)
  return {
    ...{ cached, cachedUrl: cached.url, bareUrl: bare.url },
    staff: await staffOf(cached.prisma, jwtSecret),
    settle: async () => {},
    close: async () => {
      await bare.close()
      await cached.close()
    },
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
