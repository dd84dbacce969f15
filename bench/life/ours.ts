import type { RequestListener } from 'node:http'
import type { Express } from 'express'
import { type Cache, type CacheableOptions, type CacheOptions, createCache } from 'express-cacheable'
import { lifeApp, type Means, plainRoutes, type Subject } from './subject.js'

/** So that nothing expires while it is measured. */
export const TTL_SECONDS = 3_600
/** As the guide on speed has it; for others with a tier in the process, too. */
export const TIER_BYTES = 32 * 1024 * 1024

export const oursRedis = ours('express-cacheable over Redis', {})

export const oursFrontLane = ours('express-cacheable, front lane', { listenerOf: inFront })

export const oursProcessTier = ours('express-cacheable, process tier', {
  cacheOptions: { memory: { maxBytes: TIER_BYTES, maxAgeMs: 10_000 } },
})

export const oursCompressed = ours('express-cacheable, compressed', {
  ruleOptions: { compress: true },
  packing: 3.5,
})

interface OurOptions extends Pick<Subject, 'packing'> {
  readonly cacheOptions?: CacheOptions
  readonly ruleOptions?: CacheableOptions
  readonly listenerOf?: (cache: Cache, app: Express) => RequestListener
}

function ours(
  name: string,
  { cacheOptions, ruleOptions, packing = 1, listenerOf = (_cache, app) => app }: OurOptions,
): Subject {
  return {
    name,
    packing,
    async start(means) {
      const cache = createCache({ redis: means.redisUrl, ...cacheOptions })
      const app = appWith(cache, means, { visibility: 'public', ...ruleOptions })
      await cache.ready(app)
      return listenerOf(cache, app)
    },
  }
}

function appWith(cache: Cache, means: Means, options: CacheableOptions): Express {
  const { thing, list, write } = plainRoutes(means)
  return lifeApp({
    thing: [cache.cacheable('thing:{id}', TTL_SECONDS, options), thing],
    list: [cache.cacheable('group:{group}:list:{query.order}', TTL_SECONDS, options), list],
    write: [cache.evict(['thing:{id}', 'group:{result.group}:list:*']), write],
  })
}

function inFront(cache: Cache, app: Express): RequestListener {
  return cache.front(app)
}
