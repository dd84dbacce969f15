import { AsyncLocalStorage } from 'node:async_hooks'
import type { Cache } from '../cache.js'
import { partsOf } from '../cache-parts.js'
import { isRefusalCode } from '../tracker/is-refusal-code.js'
import { TrackedDatabase } from '../tracker/tracked-database.js'
import { checkTrackerOptions, type TrackerOptions } from '../tracker/tracker-options.js'
import { type PgClient, trackClient } from './tracked-client.js'

export type { TrackerOptions } from '../tracker/tracker-options.js'
export type { PgClient } from './tracked-client.js'

/** What is used of a pool of `pg`. */
export interface PgPool {
  connect(...args: never[]): unknown
  on(event: 'connect', listener: (client: never) => void): unknown
}

/** Lets pools and clients of `pg` tell the cache what their statements read and write. */
export interface PgTracker {
  /**
   * Follows the statements of a pool's clients. For whatever runs on one: `pg` itself,
   * Drizzle (`drizzle(tracker.pool(pool))`), TypeORM (`tracker.pool(dataSource.driver.master)` after `initialize`).
   *
   * @returns The same pool.
   */
  pool<Pool extends PgPool>(pool: Pool): Pool
  /**
   * Follows the statements of one client. For Knex: `pool: { afterCreate: (client, done) => done(null, tracker.client(client)) }`.
   *
   * @returns The same client.
   */
  client<Client extends PgClient>(client: Client): Client
}

/**
 * Lets answers go when a row that they were made from changes, without an ORM: what a load reads over `pg` gives its entry
 * tags; what is written evicts them, after the commit and before the query that wrote resolves.
 *
 * For `pg` 8 on PostgreSQL, with `libpg-query` installed.
 *
 * @param cache - From `createCache`.
 * @throws CacheError `E_CACHE_OPTION` for wrong options.
 * @example
 * const pool = trackPg(cache).pool(new pg.Pool({ connectionString }))
 */
export function trackPg(cache: Cache, options: TrackerOptions = {}): PgTracker {
  checkTrackerOptions(options, 'trackPg()')
  const parts = partsOf(cache)
  parts.track()
  const database = new TrackedDatabase({
    ...{ ...options, parts },
    isRefusal: (error) => isRefusalCode(Object(error).code) && Object(error).severity !== undefined,
  })
  return {
    pool(pool) {
      keepContext(pool)
      for (const client of connectedOf(pool)) trackClient(client, database)
      pool.on('connect', (client) => trackClient(client, database))
      return pool
    },
    client(client) {
      trackClient(client, database)
      return client
    },
  }
}

/** Those that were there before the pool was followed. */
function connectedOf(pool: PgPool): readonly PgClient[] {
  const clients: unknown = Reflect.get(pool, '_clients')
  return Array.isArray(clients) ? clients : []
}

/** A pool that is full calls back in the context of whoever gives a client back; whose query it is would be lost. */
function keepContext(pool: PgPool): void {
  const connect = pool.connect.bind(pool) as (...args: unknown[]) => unknown
  const bound = (callback: unknown) =>
    typeof callback === 'function'
      ? AsyncLocalStorage.bind(callback as (...args: unknown[]) => unknown)
      : callback
  Object.defineProperty(pool, 'connect', {
    value: (callback: unknown) => connect(bound(callback)),
    configurable: true,
    writable: true,
  })
}
