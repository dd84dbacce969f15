import { randomBytes } from 'node:crypto'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import { type RedisOfSuite, redisCluster, singleRedis } from './cached-rows.js'
import { recordingLogger } from './recording-logger.js'

/** Longer than a test may take: a copy goes because of word that came. */
const MEMORY = { maxBytes: 1_000_000, maxAgeMs: 3_600_000 }

/** Where values are kept; `copies`: in Redis, with copies in the process. */
type Place = 'process' | 'redis' | 'copies' | 'cluster'

/** The caches of a suite, which are emptied and closed after each test. */
export interface CachesOfPlace {
  readonly place: Place
  /** Undefined for the in-process store. */
  readonly redis: RedisOfSuite | undefined
  /** Of the caches of a test, unless they are told another. */
  readonly keyPrefix: string
  makeCache(options?: CacheOptions): Cache
}

const PLACES: readonly {
  readonly place: Place
  readonly title: string
  readonly open?: (context: Mocha.Context) => Promise<RedisOfSuite>
  readonly options?: CacheOptions
}[] = [
  { place: 'process', title: 'with the in-process store' },
  { place: 'redis', title: 'with Redis', open: singleRedis },
  {
    ...{ place: 'copies', title: 'with Redis and copies in the process', open: singleRedis },
    options: { memory: MEMORY },
  },
  { place: 'cluster', title: 'with a cluster', open: redisCluster },
]

/** Runs the same tests wherever a cache can keep its values. */
export function onEachPlace(title: string, define: (caches: CachesOfPlace) => void): void {
  describe(title, () => {
    for (const { place, title, open, options } of PLACES) {
      describe(title, () => {
        const caches: Cache[] = []
        let redis: RedisOfSuite | undefined
        let keyPrefix: string

        before(async function () {
          redis = await open?.(this)
        })
        after(() => redis?.end())
        beforeEach(() => {
          keyPrefix = `test-${randomBytes(6).toString('hex')}:`
        })
        afterEach(async () => {
          await Promise.all(caches.map((cache) => cache.deletePattern('*')))
          await Promise.all(caches.splice(0).map((cache) => cache.close()))
        })

        define({
          place,
          get redis() {
            return redis
          },
          get keyPrefix() {
            return keyPrefix
          },
          makeCache(more) {
            const cache = createCache({
              ...{ redis: redis?.redis, keyPrefix, deadlineMs: 5_000, logger: recordingLogger() },
              ...{ ...options, ...more },
            })
            caches.push(cache)
            return cache
          },
        })
      })
    }
  })
}
