import { expect } from 'chai'
import type { Express } from 'express'
import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'express-cacheable'
import { type Answer, answerOf } from '../support/answer-of.js'
import { freePort } from '../support/free-port.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { ownRedisForTests } from '../support/redis.js'
import type { RedisServer } from '../support/redis-server.js'
import { until } from '../support/until.js'

/** A bound against hanging, not a measure. */
const SOON_MS = 5_000

describe('trouble with Redis', () => {
  let redis: RedisServer | undefined
  let server: Listening | undefined
  let cache: Cache | undefined
  let logger: RecordingLogger
  let events: CacheEvent[]
  let version: number

  afterEach(async () => {
    await server?.close()
    await cache?.close()
    await redis?.stop()
    server = cache = redis = undefined
  })

  async function serve(url: string, options: CacheOptions = {}): Promise<void> {
    logger = recordingLogger()
    events = []
    version = 1
    const made = createCache({ redis: url, logger, ...options })
    cache = made
    made.observe((event) => events.push(event))
    const app: Express = quietExpress()
    app.get('/row', made.cacheable('row', 60), (_req, res) => void res.json({ version }))
    app.put('/row', made.evict('row'), (_req, res) => {
      version++
      res.json({ version })
    })
    await made.ready(app)
    server = await listen(app)
  }

  async function ask(method = 'GET'): Promise<Answer> {
    const startedAt = Date.now()
    const answer = await answerOf(`${server?.url}/row`, { method })
    expect(Date.now() - startedAt).to.be.lessThan(SOON_MS)
    expect(answer.status).to.equal(200)
    expect(answer.text).to.equal(JSON.stringify({ version }))
    return answer
  }

  it('starts and answers where there is no Redis, and says so once', async () => {
    await serve(`redis://127.0.0.1:${await freePort()}`)
    for (let round = 0; round < 5; round++) {
      expect((await ask()).xCache).to.equal('BYPASS')
      await ask('PUT')
    }
    expect(cache?.stats().bypasses).to.equal(5)
    expect(cache?.status().available).to.equal(false)
    expect(logger.at('warn')).to.have.lengthOf(1)
    expect(logger.at('warn')[0]).to.match(/unavailable.*ECONNREFUSED/)
  })

  it('answers while Redis is frozen, and serves nothing old once it goes on', async function () {
    redis = await ownRedisForTests(this)
    await serve(redis.url)
    await ask()
    expect((await ask()).xCache).to.equal('HIT')
    await redis.freeze()
    expect((await ask()).xCache).to.equal('BYPASS')
    const write = await ask('PUT')
    expect(write.headers.get('cache-status')).to.equal('express-cacheable;fwd=bypass;detail="eviction kept"')
    expect(cache?.stats().store).to.include({ available: false, owedEvictions: 1 })
    expect((await ask()).xCache).to.equal('BYPASS')
    expect(events.map(({ type }) => type)).to.include('evict-kept')
    await redis.thaw()
    // `ask` compares each answer with the row, so a hit of the old one would fail here.
    await until('hits again', async () => (await ask()).xCache === 'HIT')
    const types = events.map(({ type }) => type)
    expect(types.indexOf('evict-delivered')).to.be.greaterThan(types.indexOf('evict-kept'))
    expect(types.lastIndexOf('hit')).to.be.greaterThan(types.indexOf('evict-delivered'))
  })

  it('keeps the answer of a write back until Redis has acknowledged the eviction', async function () {
    redis = await ownRedisForTests(this)
    await serve(redis.url, { deadlineMs: 60_000 })
    await ask()
    await redis.freeze()
    let isAnswered = false
    const write = answerOf(`${server?.url}/row`, { method: 'PUT' }).finally(() => {
      isAnswered = true
    })
    await until('the write to happen', () => version === 2)
    // Time enough for an answer: others come and go meanwhile.
    for (let round = 0; round < 20; round++) await answerOf(`${server?.url}/none`)
    expect(isAnswered).to.equal(false)
    await redis.thaw()
    expect((await write).status).to.equal(200)
    expect((await ask()).xCache).to.equal('MISS')
  })

  it('comes back by itself after Redis was restarted, without its data', async function () {
    redis = await ownRedisForTests(this)
    const port = Number(new URL(redis.url).port)
    await serve(redis.url)
    await ask()
    await redis.stop()
    expect((await ask()).xCache).to.equal('BYPASS')
    await ask('PUT')
    redis = await ownRedisForTests(this, { port })
    await until('hits again', async () => (await ask()).xCache === 'HIT', { deadlineMs: 15_000 })
  })

  it('answers when Redis is full, and evicts all the same', async function () {
    redis = await ownRedisForTests(this)
    await serve(redis.url)
    await ask()
    const client = cache?.redis as import('ioredis').Redis
    await client.config('SET', 'maxmemory', '1')
    expect((await ask()).xCache).to.equal('HIT')
    await ask('PUT')
    await ask()
    await ask()
    await client.config('SET', 'maxmemory', '0')
    await until('hits again', async () => (await ask()).xCache === 'HIT')
  })

  it('answers where somebody else has put another type in the place of a value, and leaves that alone', async function () {
    redis = await ownRedisForTests(this)
    await serve(redis.url)
    const client = cache?.redis as import('ioredis').Redis
    await ask()
    await client.del('row')
    await client.rpush('row', 'not', 'ours')
    expect((await ask()).xCache).to.equal('BYPASS')
    await ask('PUT')
    expect(await client.lrange('row', 0, -1)).to.deep.equal(['not', 'ours'])
    await client.del('row')
    expect((await ask()).xCache).to.equal('MISS')
    expect((await ask()).xCache).to.equal('HIT')
  })
})
