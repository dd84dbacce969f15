import type { RequestListener } from 'node:http'
import type { Express, RequestHandler } from 'express'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import { type Size, TTL_SECONDS } from './items.js'
import { itemApp, type Means, type Subject } from './subject.js'

/** What the apps are asked for to be answered anew each time, by size. */
export function freshPathOf(size: Size): string {
  return `/fresh/${size}`
}

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

/** What a miss is compared with. */
export const noCache: Subject = {
  name: 'no cache',
  start({ load }) {
    const app = itemApp()
    app.get('/fresh/:size', nameAnew(), ({ params }, res) => void res.json(load(params.size)))
    return app
  },
}

/** Soon gone, as nobody asks for it again. */
const FRESH_TTL_SECONDS = 1
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
  app.get(
    '/fresh/:size',
    nameAnew(),
    cache.cacheable('fresh:{size}:{headers.x-name}', FRESH_TTL_SECONDS),
    answer,
  )
  return app
}

/** Gives each request a name, so that it is for a key that nobody has asked for. */
function nameAnew(): RequestHandler<{ size: Size }> {
  let count = 0
  return (req, _res, next) => {
    count += 1
    req.headers['x-name'] = String(count)
    next()
  }
}
