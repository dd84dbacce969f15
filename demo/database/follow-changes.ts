import type { Cache } from 'express-cacheable'
import { followDatabase } from 'express-cacheable/postgres'
import type { DemoConfig } from '../config.js'

/** Their rows are in no answer. */
const IGNORED = ['_prisma_migrations', 'OutboxEvent', 'OutboxRelay', 'HandledEvent']

/** Lets the cache see what other programs change in the database: psql, a nightly job, a migration. @throws CacheError */
export async function followChanges(cache: Cache, { databaseUrl, follow }: DemoConfig): Promise<void> {
  if (!databaseUrl || follow === 'off') return
  await followDatabase(cache, { connectionString: databaseUrl, from: follow, ignore: IGNORED })
}
