import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { type Cache, type CacheEvent, createCache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { type Answer, answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'

/** What an application may keep beside the cache. */
const TYPES: Readonly<Record<string, (admin: Redis, name: string) => Promise<unknown>>> = {
  hash: (admin, name) => admin.hset(name, 'own', '1'),
  list: (admin, name) => admin.rpush(name, '1'),
  set: (admin, name) => admin.sadd(name, '1'),
  zset: (admin, name) => admin.zadd(name, 1, '1'),
  stream: (admin, name) => admin.xadd(name, '*', 'own', '1'),
}

describe('what the application keeps in Redis under a key of the cache', () => {
  let redis: string
  let admin: Redis
  let keyPrefix: string
  let cache: Cache
  let server: Listening
  let events: CacheEvent[]
  let logger: RecordingLogger

  before(async function () {
    redis = await redisForTests(this)
    admin = adminClient(Number(new URL(redis).port))
  })
  after(() => admin?.disconnect())
  beforeEach(async () => {
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    logger = recordingLogger()
    cache = createCache({ redis, keyPrefix, deadlineMs: 5_000, logger })
    events = []
    cache.observe((event) => events.push(event))
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({ from: 'handler' }))
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    app.put('/all/:id', cache.evict('row:*'), (_req, res) => void res.json({}))
    app.post('/rows/:id', cache.put('row:{id}', 600), (_req, res) => void res.json({ from: 'put' }))
    await cache.ready(app)
    server = await listen(app)
  })
  afterEach(async () => {
    await cache.deletePattern('*')
    await cache.close()
    await server.close()
    await admin.unlink(name())
  })

  const name = () => `${keyPrefix}row:1`
  const ask = (method = 'GET', path = '/rows/1'): Promise<Answer> => answerOf(server.url + path, { method })

  const accesses: Readonly<Record<string, () => Promise<unknown>>> = {
    'a miss': async () => {
      const { status, text, xCache } = await ask()
      expect([status, text]).to.deep.equal([200, '{"from":"handler"}'])
      expect(xCache).to.be.oneOf(['MISS', 'BYPASS'])
    },
    'an eviction by key': () => ask('PUT'),
    'an eviction by pattern': () => ask('PUT', '/all/1'),
    'a put': () => ask('POST'),
    'cache.set': () => cache.set('row:1', { from: 'set' }, 60),
    'cache.delete': () => cache.delete('row:1'),
    'cache.deletePattern': () => cache.deletePattern('row:*'),
    'cache.get': () => cache.get('row:1'),
    'cache.warm': () => cache.warm({ key: 'row:{id}', ttl: 60, load: async () => [{ id: 1 }], name: 'rows' }),
  }
  /** Says nothing of what is there, as an eviction removes only what is the cache's. */
  const quiet = new Set([
    'an eviction by key',
    'an eviction by pattern',
    'cache.delete',
    'cache.deletePattern',
    'cache.get',
  ])

  for (const [type, put] of Object.entries(TYPES)) {
    for (const [what, access] of Object.entries(accesses)) {
      // Both where the cache has listed the key before, and where it has not.
      for (const isListed of [false, true]) {
        it(`is left alone by ${what}: a ${type}${isListed ? ', where a value was before' : ''}`, async () => {
          if (isListed) {
            await ask()
            await admin.del(name())
          }
          await put(admin, name())
          await admin.pexpire(name(), 600_000)
          await access()
          expect(await admin.type(name())).to.equal(type)
          if (quiet.has(what)) return
          const told = [...logger.at('warn'), ...events.map((event) => JSON.stringify(event))]
          expect(told.filter((line) => line.includes('row:1') && line.includes(type))).not.to.have.lengthOf(0)
        })
      }
    }
  }
})
