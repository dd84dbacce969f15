import { randomBytes } from 'node:crypto'
import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'express-cacheable'
import { Cluster } from 'ioredis'
import { recordingLogger } from './recording-logger.js'
import { ownClusterForTests, type RedisCluster, redisForTests } from './redis.js'

/** A cache under test, and what it has told so far. */
export interface ObservedCache {
  readonly cache: Cache
  readonly events: readonly CacheEvent[]
}

/** Makes a cache that is emptied and closed after the test. */
export type MakeCache = (options?: CacheOptions) => ObservedCache

/** Runs the same tests on the in-process store and on a real Redis, each test on keys of its own. */
export function onEachStore(title: string, define: (makeCache: MakeCache) => void): void {
  describe(`${title} (in-process store)`, () => define(cachesOfSuite(() => ({}))))

  describe(`${title} (Redis)`, () => {
    let url: string
    before(async function () {
      url = await redisForTests(this)
    })
    define(cachesOfSuite(() => inRedis(url)))
  })
}

/** The same, and on a Redis Cluster of the suite's own, which takes seconds to start. */
export function onEachStoreAndCluster(title: string, define: (makeCache: MakeCache) => void): void {
  onEachStore(title, define)

  describe(`${title} (Redis Cluster)`, () => {
    let cluster: RedisCluster
    let client: Cluster
    before(async function () {
      cluster = await ownClusterForTests(this)
      client = new Cluster([...cluster.nodes])
      await client.ping()
    })
    after(async () => {
      client?.disconnect()
      await cluster?.stop()
    })
    define(cachesOfSuite(() => inRedis(client)))
  })
}

/** A test asserts what happened; how fast a shared machine is, is no part of it. */
function inRedis(redis: CacheOptions['redis']): CacheOptions {
  return { redis, keyPrefix: `test-${randomBytes(6).toString('hex')}:`, deadlineMs: 5_000 }
}

function cachesOfSuite(storeOptions: () => CacheOptions): MakeCache {
  const open: Cache[] = []
  afterEach(async () => {
    for (const cache of open.splice(0)) {
      await cache.deletePattern('*')
      await cache.close()
    }
  })
  return (options = {}) => {
    const cache = createCache({ ...storeOptions(), logger: recordingLogger(), ...options })
    const events: CacheEvent[] = []
    cache.observe((event) => events.push(event))
    open.push(cache)
    return { cache, events }
  }
}
