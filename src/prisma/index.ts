import type { Cache } from '../cache.js'
import { partsOf } from '../cache-parts.js'
import { TrackedDatabase } from '../tracker/tracked-database.js'
import { checkTrackerOptions, type TrackerOptions } from '../tracker/tracker-options.js'
import type { AdapterFactory } from './driver-adapter.js'
import { isRefusal } from './is-refusal.js'
import { Operations } from './operations.js'
import { requirePostgres } from './require-postgres.js'
import { trackedFactory } from './tracked-adapter.js'

export type { TrackerOptions } from '../tracker/tracker-options.js'

/** What a Prisma client is made with, so that the cache knows what its calls read and write. */
export interface PrismaTracker {
  /**
   * A driver adapter for PostgreSQL whose statements are followed: for `new PrismaClient({ adapter })`.
   *
   * @example tracker.adapter(new PrismaPg({ connectionString }))
   */
  adapter<Factory extends AdapterFactory>(factory: Factory): Factory
  /** For `client.$extends(…)`: which calls are whose. The client without it must not be used. */
  readonly extension: PrismaExtension
}

export interface PrismaExtension {
  readonly name: string
  readonly query: { $allOperations(call: PrismaCall): Promise<unknown> }
}

/** What Prisma gives an extension of one call. */
interface PrismaCall {
  readonly model?: string | undefined
  readonly operation: string
  readonly args: unknown
  readonly query: (args: never) => Promise<unknown>
}

/**
 * Lets answers go when a row that they were made from changes. What a load reads through the client gives its entry
 * tags; what is written evicts them, after the commit and before the call that wrote resolves.
 *
 * For Prisma 7 with a driver adapter on PostgreSQL or PGlite, with `libpg-query` installed.
 *
 * @param cache - From `createCache`.
 * @throws CacheError `E_CACHE_OPTION` for wrong options.
 * @example
 * const tracker = trackPrisma(cache)
 * const prisma = new PrismaClient({ adapter: tracker.adapter(new PrismaPg({ connectionString })) })
 *   .$extends(tracker.extension)
 */
export function trackPrisma(cache: Cache, options: TrackerOptions = {}): PrismaTracker {
  checkTrackerOptions(options, 'trackPrisma()')
  const parts = partsOf(cache)
  parts.track()
  const operations = new Operations()
  return {
    adapter(factory) {
      requirePostgres(factory)
      return trackedFactory(factory, {
        database: new TrackedDatabase({ ...options, parts, isRefusal }),
        operations,
      })
    },
    extension: {
      name: 'express-cacheable',
      query: {
        $allOperations: ({ model, operation, args, query }) =>
          operations.run(parts.context.loads.current, model, operation, () => query(args as never)),
      },
    },
  }
}
