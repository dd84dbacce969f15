import type { RequestListener } from 'node:http'
import type { Express, RequestHandler } from 'express'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import { addFresh, FRESH_TTL_SECONDS, NAME_HEADER } from './fresh.js'
import { type Size, TTL_SECONDS } from './items.js'
import { itemApp, type Means, type Subject } from './subject.js'

export const oursRedis = ours('express-cacheable, Redis', withRedis)

export const oursInProcess = ours('express-cacheable, in-process store', () => ({}))

export const oursProcessTier = ours('express-cacheable, process tier', withProcessTier)

export const oursFrontLane = ours('express-cacheable, front lane', withProcessTier, inFront)

export const oursFrontLaneRedis = ours('express-cacheable, front lane, Redis', withRedis, inFront)

export const OURS: readonly Subject[] = [
  oursFrontLane,
  oursFrontLaneRedis,
  oursProcessTier,
  oursInProcess,
  oursRedis,
]
/** On a busy machine Redis may take longer than the usual 50 ms, and a request that gave up is no hit. */
const DEADLINE_MS = 5_000
const MEMORY = { maxBytes: 64 * 1024 * 1024, maxAgeMs: 60_000 }

function ours(
  name: string,
  optionsOf: (redisUrl: string) => CacheOptions,
  listenerOf: (cache: Cache, app: Express) => RequestListener = (_cache, app) => app,
): Subject {
  return {
    name,
    async start({ redisUrl, load }) {
      const cache = createCache({ ...optionsOf(redisUrl), deadlineMs: DEADLINE_MS })
      const app = appWith(cache, load)
      await cache.ready(app)
      return listenerOf(cache, app)
    },
  }
}

function inFront(cache: Cache, app: Express): RequestListener {
  return cache.front(app)
}

function withRedis(redisUrl: string): CacheOptions {
  return { redis: redisUrl }
}

function withProcessTier(redisUrl: string): CacheOptions {
  return { redis: redisUrl, memory: MEMORY }
}

function appWith(cache: Cache, load: Means['load']): Express {
  const answer: RequestHandler<{ size: Size }> = ({ params }, res) => void res.json(load(params.size))
  const app = itemApp(cache.cacheable('item:{size}', TTL_SECONDS, { visibility: 'public' }), answer)
  const fresh = cache.cacheable(`fresh:{size}:{headers.${NAME_HEADER}}`, FRESH_TTL_SECONDS)
  return addFresh(app, fresh, answer)
}
