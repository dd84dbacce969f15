import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { type Answer, answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'
import { until } from '../support/until.js'

const HOUR_MS = 3_600_000
const TTL_MS = 500
/** Time is the matter here, and is let pass. */
const OVER_MS = TTL_MS + 200

/** As when somebody sets it, or a virtual machine wakes. */
describe('a clock that is set', () => {
  let redis: string
  let admin: Redis
  const caches: Cache[] = []
  let server: Listening | undefined
  const { now } = Date
  let setByMs: number
  let loads: number

  before(async function () {
    redis = await redisForTests(this)
    admin = adminClient(Number(new URL(redis).port))
  })
  after(() => admin?.disconnect())
  beforeEach(() => {
    loads = 0
    setByMs = 0
    // Before anybody may have taken hold of it.
    Date.now = () => now() + setByMs
  })
  afterEach(async () => {
    Date.now = now
    for (const cache of caches.splice(0)) {
      await cache.deletePattern('*')
      await cache.close()
    }
    await server?.close()
    server = undefined
  })

  function setClock(byMs: number): void {
    setByMs = byMs
  }

  async function serve(options: CacheOptions, rule: object = {}): Promise<() => Promise<Answer>> {
    const cache = createCache({ logger: recordingLogger(), deadlineMs: 5_000, ...options })
    caches.push(cache)
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', `${TTL_MS}ms`, rule), (_req, res) => {
      res.json({ load: ++loads })
    })
    await cache.ready(app)
    server = await listen(app)
    const { url } = server
    return () => answerOf(`${url}/rows/1`)
  }

  for (const [what, byMs] of [
    ['an hour back', -HOUR_MS],
    ['an hour on', HOUR_MS],
  ] as const) {
    it(`by ${what} neither keeps a value of the in-process store nor takes it away`, async () => {
      const ask = await serve({})
      await ask()
      setClock(byMs)
      const soon = await ask()
      expect([soon.xCache, soon.text]).to.deep.equal(['HIT', '{"load":1}'])
      expect(Number(soon.headers.get('age'))).to.be.within(0, 1)
      await sleep(OVER_MS)
      expect((await ask()).text).to.equal('{"load":2}')
    })

    it(`by ${what} neither keeps a copy of what Redis gave nor takes it away`, async () => {
      const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
      const ask = await serve({ redis, keyPrefix, memory: { maxBytes: 1_000_000, maxAgeMs: HOUR_MS } })
      // The first may come before word of evictions does, and is then not kept.
      for (let turn = 0; turn < 3; turn++) await ask()
      setClock(byMs)
      expect((await ask()).text).to.equal('{"load":1}')
      await sleep(OVER_MS)
      expect((await ask()).text).to.equal('{"load":2}')
    })

    it(`by ${what} lets a copy be used no longer than maxAgeMs`, async () => {
      const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
      const cache = createCache({
        ...{ redis, keyPrefix, deadlineMs: 5_000, logger: recordingLogger() },
        memory: { maxBytes: 1_000_000, maxAgeMs: TTL_MS },
      })
      caches.push(cache)
      const app = quietExpress()
      app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({ load: ++loads }))
      await cache.ready(app)
      server = await listen(app)
      const ask = () => answerOf(`${server?.url}/rows/1`)
      await until('a hit', async () => (await ask()).xCache === 'HIT')
      setClock(byMs)
      // No word of it is sent.
      await admin.set(`${keyPrefix}row:1`, '{"load":"newer"}', 'PX', 600_000)
      await sleep(OVER_MS)
      expect((await ask()).text).to.equal('{"load":"newer"}')
    })

    it(`by ${what} leaves leases of the in-process store their time`, async () => {
      const cache = createCache({ logger: recordingLogger(), leaseMs: TTL_MS })
      caches.push(cache)
      const app = quietExpress()
      // The first load never ends.
      app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => {
        if (++loads > 1) res.json({ load: loads })
      })
      await cache.ready(app)
      server = await listen(app)
      const first = answerOf(`${server.url}/rows/1`).catch(() => {})
      await until('a load', () => loads === 1)
      setClock(byMs)
      const askedAt = performance.now()
      expect((await answerOf(`${server.url}/rows/1`)).text).to.equal('{"load":2}')
      expect(performance.now() - askedAt).to.be.lessThan(10 * TTL_MS)
      await server.close()
      server = undefined
      await first
    })
  }
})
