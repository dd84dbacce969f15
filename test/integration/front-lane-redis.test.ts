import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { lookup } from '#src/stores/redis/redis-scripts.js'
import { type Answer, answerOf } from '../support/answer-of.js'
import { type Gate, gate } from '../support/gate.js'
import { type Listening, listen } from '../support/http.js'
import { isWordFor } from '../support/intercepted-client.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'

describe('the front lane, which asks Redis', () => {
  let url: string
  let client: Redis
  let server: Listening | undefined
  let cache: Cache
  let keyPrefix: string
  let lookups: number
  let handled: number
  /** How many requests are over. */
  let come: number
  let closed: number
  /** Where the application answers without its route. */
  let isClosed: boolean
  let refused: number
  /** Where lookups wait. */
  let held: Gate | null
  /** Where the handler waits. */
  let handling: Gate | null
  /** How many lookups have their answer. */
  let answered: number

  before(async function () {
    url = await redisForTests(this)
  })
  beforeEach(async () => {
    client = connectRedis(url, { onTrouble: () => {} })
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    lookups = handled = come = closed = refused = answered = 0
    isClosed = false
    held = handling = null
  })
  afterEach(async () => {
    held?.open()
    handling?.open()
    await server?.close()
    await cache.deletePattern('*')
    await cache.close()
    await client.quit()
  })

  /** Until it answers by itself. */
  async function serve(options: CacheOptions = {}): Promise<() => Promise<Answer>> {
    cache = createCache({
      redis: client,
      keyPrefix,
      deadlineMs: 5_000,
      logger: recordingLogger(),
      ...options,
    })
    const send = client.sendCommand.bind(client)
    client.sendCommand = async (command, ...rest) => {
      if (!isWordFor(lookup, command.args[0])) return send(command, ...rest)
      // The script, how many keys, the index, the marks, the intents, the prefix, where the bytes come from, and seven for each.
      const keys = (command.args.length - 7) / 7
      lookups += keys
      await held?.wait
      const reply = await send(command, ...rest)
      answered += keys
      return reply
    }
    const app = quietExpress()
    app.use((_req, res, next) => {
      if (!isClosed) return next()
      refused += 1
      res.sendStatus(503)
    })
    app.get('/row', cache.cacheable('row', 60, { visibility: 'public' }), async (_req, res) => {
      handled += 1
      await handling?.wait
      res.json({ handled })
    })
    await cache.ready(app)
    const front = cache.front(app)
    server = await listen((req, res) => {
      come += 1
      res.once('close', () => {
        closed += 1
      })
      front(req, res)
    })
    const ask = () => answerOf(`${server?.url}/row`)
    for (let turn = 0; turn < 4; turn++) await ask()
    isClosed = true
    expect([(await ask()).xCache, handled]).to.deep.equal(['HIT', 1])
    isClosed = false
    lookups = 0
    return ask
  }

  it('asks once for each request, also where the application has to answer', async () => {
    const ask = await serve()
    expect((await ask()).xCache).to.equal('HIT')
    expect(lookups).to.equal(1)
    await cache.delete('row')
    expect((await ask()).xCache).to.equal('MISS')
    expect(lookups).to.equal(2)
    const hit = await ask()
    expect([hit.xCache, hit.text, lookups]).to.deep.equal(['HIT', '{"handled":2}', 3])
  })

  it('waits for a silent Redis no longer than the application would', async () => {
    const ask = await serve({ deadlineMs: 50 })
    held = gate()
    const answer = await ask()
    expect([answer.xCache, answer.headers.get('cache-status')]).to.deep.equal([
      'BYPASS',
      'express-cacheable;fwd=bypass;detail="store unavailable"',
    ])
    expect(lookups).to.equal(1)
  })

  it('lets others load where the application answers without its route', async () => {
    const ask = await serve()
    await cache.delete('row')
    isClosed = true
    expect((await ask()).status).to.equal(503)
    isClosed = false
    const next = await ask()
    expect([next.xCache, next.text]).to.deep.equal(['MISS', '{"handled":2}'])
  })

  it('lets others load where the client has gone, and the application answers without its route', async () => {
    const ask = await serve()
    await cache.delete('row')
    held = gate()
    isClosed = true
    const leaving = new AbortController()
    const left = fetch(`${server?.url}/row`, { signal: leaving.signal }).catch(() => {})
    await until('it to have asked', () => lookups === 1)
    const before = closed
    leaving.abort()
    await left
    await until('its connection to be closed', () => closed > before)
    held.open()
    held = null
    await until('the application to have answered', () => refused === 1)
    isClosed = false
    const next = await ask()
    expect([next.xCache, next.text]).to.deep.equal(['MISS', '{"handled":2}'])
  })

  it('has one of many load, for all', async () => {
    const ask = await serve()
    await cache.delete('row')
    held = gate()
    handling = gate()
    lookups = answered = come = 0
    const asking = Array.from({ length: 20 }, ask)
    await until('all to have come', () => come === 20)
    // Those that come in one turn ask once, at its end.
    await setImmediate()
    held.open()
    // One that hears of the load when it is over would be a hit.
    await until('all to have heard of the load', () => lookups > 0 && answered === lookups)
    handling.open()
    const answers = await Promise.all(asking)
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['{"handled":2}']))
    expect(cache.stats().misses).to.equal(21)
    expect(handled).to.equal(2)
  })

  it('leaves to the application what it cannot read', async () => {
    const ask = await serve()
    await client.set(`${keyPrefix}row`, 'neither', 'KEEPTTL')
    expect((await ask()).text).to.equal('{"handled":2}')
    expect((await ask()).xCache).to.equal('HIT')
  })
})
