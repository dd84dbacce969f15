import { randomBytes } from 'node:crypto'
import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'express-cacheable'
import { Cluster, type Redis } from 'ioredis'
import { type Answer, answerOf } from './answer-of.js'
import { type Listening, listen } from './http.js'
import { quietExpress } from './quiet-express.js'
import { type RecordingLogger, recordingLogger } from './recording-logger.js'
import { ownClusterForTests, redisForTests } from './redis.js'
import { adminClient } from './redis-admin.js'

/** What a cache keeps its values in, and a client for the test itself. */
export interface RedisOfSuite {
  readonly redis: CacheOptions['redis']
  readonly admin: Redis | Cluster
  end(): Promise<void>
}

/** The Redis that all suites share. */
export async function singleRedis(context: Mocha.Context): Promise<RedisOfSuite> {
  const redis = await redisForTests(context)
  const admin = adminClient(Number(new URL(redis).port))
  return { redis, admin, end: async () => admin.disconnect() }
}

/** A cluster for this suite. */
export async function redisCluster(context: Mocha.Context): Promise<RedisOfSuite> {
  const cluster = await ownClusterForTests(context)
  const client = new Cluster([...cluster.nodes])
  await client.ping()
  return {
    redis: client,
    admin: client,
    async end() {
      client.disconnect()
      await cluster.stop()
    },
  }
}

/** The cache of a test, and an application with it; `GET /rows/:id` is stored under `row:{id}`. */
export interface CachedRows {
  readonly keyPrefix: string
  readonly cache: Cache
  readonly events: CacheEvent[]
  readonly logger: RecordingLogger
  ask(method?: string, path?: string): Promise<Answer>
}

type App = ReturnType<typeof quietExpress>

/**
 * Called in a suite, it gives each test cached rows under a prefix of its own, and clears them away.
 *
 * @param mount - Adds further routes.
 * @returns Of the test that runs, and of its suite.
 */
export function cachedRowsOfSuite(
  open: (context: Mocha.Context) => Promise<RedisOfSuite>,
  mount: (app: App, cache: Cache) => void = () => {},
): { readonly rows: () => CachedRows; readonly suite: () => RedisOfSuite } {
  let suite: RedisOfSuite | undefined
  let rows: CachedRows | undefined
  let server: Listening | undefined

  before(async function () {
    suite = await open(this)
  })
  after(() => suite?.end())
  beforeEach(async () => {
    const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    const logger = recordingLogger()
    const cache = createCache({ redis: present(suite).redis, keyPrefix, deadlineMs: 5_000, logger })
    const events: CacheEvent[] = []
    cache.observe((event) => events.push(event))
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({ from: 'handler' }))
    mount(app, cache)
    await cache.ready(app)
    const listening = await listen(app)
    server = listening
    const ask = (method = 'GET', path = '/rows/1') =>
      answerOf(listening.url + path, { method, signal: AbortSignal.timeout(10_000) })
    rows = { keyPrefix, cache, events, logger, ask }
  })
  afterEach(async () => {
    await rows?.cache.deletePattern('*')
    await rows?.cache.close()
    await server?.close()
  })
  return { rows: () => present(rows), suite: () => present(suite) }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('There is one in tests alone')
  return value
}
