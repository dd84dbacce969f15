import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { type Cache, CacheError, type CacheOptions, createCache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { type Answer, answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'

describe('names of the cache itself', () => {
  let redis: string
  let admin: Redis
  let keyPrefix: string
  const caches: Cache[] = []
  const servers: Listening[] = []

  before(async function () {
    redis = await redisForTests(this)
    admin = adminClient(Number(new URL(redis).port))
  })
  after(() => admin?.disconnect())
  beforeEach(() => {
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
  })
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
    for (const cache of caches.splice(0)) await cache.close()
    for (const name of await namesOfOurs()) await admin.unlink(name)
  })

  function open(options: CacheOptions = {}): { cache: Cache; logger: RecordingLogger } {
    const logger = recordingLogger()
    const cache = createCache({ redis, keyPrefix, deadlineMs: 5_000, logger, ...options })
    caches.push(cache)
    return { cache, logger }
  }

  async function namesOfOurs(): Promise<string[]> {
    return (await admin.keys('*')).filter((name) => name.includes(keyPrefix))
  }

  async function serve(cache: Cache): Promise<() => Promise<Answer>> {
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({ from: 'handler' }))
    await cache.ready(app)
    const server = await listen(app)
    servers.push(server)
    return () => answerOf(`${server.url}/rows/1`)
  }

  /** All that lies beside the values in Redis, as keys of the cache: what is there, and what would be with a lease. */
  async function bookkeeping(): Promise<string[]> {
    const names = (await namesOfOurs()).filter((name) => name.startsWith(keyPrefix))
    const keys = names.map((name) => name.slice(keyPrefix.length)).filter((key) => key !== 'row:1')
    expect(keys).not.to.have.lengthOf(0)
    return [
      ...keys,
      '#index',
      '#fences',
      '#server',
      '#members',
      '#intents',
      '#calls',
      '#index:',
      '#{0}index',
      '#lease:row:1',
      '#',
    ]
  }

  const calls: Readonly<Record<string, (cache: Cache, key: string) => Promise<unknown>>> = {
    'cache.set': (cache, key) => cache.set(key, { any: 1 }, 60),
    'cache.delete': (cache, key) => cache.delete(key),
  }
  for (const [name, call] of Object.entries(calls)) {
    it(`are refused as keys by ${name}`, async () => {
      const { cache } = open()
      const ask = await serve(cache)
      await ask()
      for (const key of await bookkeeping()) {
        const said = await call(cache, key).catch((error: unknown) => error)
        expect(said, `${name}('${key}')`).to.be.instanceOf(CacheError)
      }
      expect((await ask()).xCache).to.equal('HIT')
    })
  }

  it('give nothing to who reads them', async () => {
    const { cache } = open()
    const ask = await serve(cache)
    await ask()
    for (const key of await bookkeeping()) {
      expect(await cache.get(key)).to.equal(null)
      expect(await cache.getMany([key, 'row:1'])).to.deep.equal([null, { from: 'handler' }])
    }
  })

  for (const [what, key] of [
    ['an empty text', ''],
    ['a text of 1 MB', 'k'.repeat(1_000_000)],
    ['a lone surrogate', 'row:\ud800'],
    ['a number', 7 as unknown as string],
  ] as const) {
    it(`are not alone in being refused: ${what} is no key either`, async () => {
      const { cache } = open()
      for (const [name, call] of Object.entries(calls)) {
        const said = await call(cache, key).catch((error: unknown) => error)
        expect(said, name).to.be.instanceOf(CacheError)
      }
      expect(cache.status().owedEvictions).to.equal(0)
    })
  }

  it('stay what they are when the application evicts every key by a glob', async () => {
    const { cache } = open()
    const ask = await serve(cache)
    await ask()
    await cache.deletePattern('*')
    expect([(await ask()).xCache, (await ask()).xCache]).to.deep.equal(['MISS', 'HIT'])
  })

  it('begin with the prefix, all of them, also while somebody loads', async () => {
    const { cache } = open()
    const [begun, loading] = [gate(), gate()]
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 600), async (_req, res) => {
      begun.open()
      await loading.wait
      res.json({})
    })
    await cache.ready(app)
    const server = await listen(app)
    servers.push(server)
    const asked = answerOf(`${server.url}/rows/1`)
    await begun.wait
    const names = await namesOfOurs()
    loading.open()
    await asked
    expect(names).to.include(`${keyPrefix}#lease:row:1`)
    expect(names.filter((name) => !name.startsWith(keyPrefix))).to.deep.equal([])
  })

  for (const longer of ['crm:', 'crm', ':']) {
    it(`are no keys of a cache whose prefix theirs begins with, and goes on with '${longer}'`, async () => {
      const inner = open({ keyPrefix: keyPrefix + longer })
      const outer = open()
      const ask = await serve(inner.cache)
      await ask()
      const found = (await namesOfOurs()).map((name) => name.slice(keyPrefix.length))
      const names = found.filter((name) => name !== `${longer}row:1`)
      expect(names).to.include.members([`${longer}#index`, `${longer}#server`])
      for (const key of [...names, `${longer}#lease:row:1`, `${longer}#index#nothing`]) {
        for (const [name, call] of Object.entries(calls)) {
          const said = await call(outer.cache, key).catch((error: unknown) => error)
          expect(said, `${name}('${key}')`).to.be.instanceOf(CacheError)
        }
        expect(await outer.cache.deletePattern(key)).to.equal(0)
      }
      expect((await namesOfOurs()).map((name) => name.slice(keyPrefix.length))).to.include.members(found)
      expect((await ask()).xCache).to.equal('HIT')
    })
  }

  it('are told of at start, where the templates of one cache can reach the prefix of another', async () => {
    const inner = open({ keyPrefix: `${keyPrefix}crm:` })
    const outer = open()
    for (const [{ cache }, key] of [
      [inner, 'row:{id}'],
      [outer, '{query.tenant}:{query.kind}:{id}'],
    ] as const) {
      const app = quietExpress()
      app.get('/rows/:id', cache.cacheable(key, 60), (_req, res) => void res.json({}))
      await cache.ready(app)
    }
    const warnings = [...inner.logger.at('warn'), ...outer.logger.at('warn')]
    expect(warnings.filter((line) => line.includes(`${keyPrefix}crm:`))).to.have.lengthOf(1)
  })

  it('are not told of where no template can', async () => {
    const inner = open({ keyPrefix: `${keyPrefix}crm:` })
    const outer = open()
    for (const { cache } of [inner, outer]) {
      const app = quietExpress()
      app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({}))
      await cache.ready(app)
    }
    expect([...inner.logger.at('warn'), ...outer.logger.at('warn')]).to.deep.equal([])
  })
})
