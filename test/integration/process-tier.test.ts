import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'express-cacheable'
import { Cluster, Redis } from 'ioredis'
import { partsOf } from '#src/cache-parts.js'
import { type Answer, answerOf } from '../support/answer-of.js'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { gate } from '../support/gate.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'

/** Longer than a test may take: a copy goes because of word that came. */
const MEMORY = { maxBytes: 1_000_000, maxAgeMs: 3_600_000 }

describe('copies in the process', () => {
  let url: string
  let keyPrefix: string
  let proxy: FaultProxy
  const caches: Cache[] = []
  const servers: Listening[] = []

  before(async function () {
    url = await redisForTests(this)
  })
  beforeEach(async () => {
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    proxy = await startFaultProxy({ host: new URL(url).hostname, port: Number(new URL(url).port) })
  })
  afterEach(async () => {
    await caches[0]?.deletePattern('*')
    await Promise.all(servers.splice(0).map((server) => server.close()))
    await Promise.all(caches.splice(0).map((cache) => cache.close()))
    await proxy.close()
  })

  /** One process of several over the same rows. */
  async function serve(rows: Map<string, number>, options: CacheOptions = {}, load?: () => Promise<void>) {
    const logger = recordingLogger()
    const cache = createCache({
      redis: url,
      keyPrefix,
      deadlineMs: 5_000,
      logger,
      memory: MEMORY,
      ...options,
    })
    caches.push(cache)
    const events: CacheEvent[] = []
    cache.observe((event) => events.push(event))
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), async (req, res) => {
      const version = rows.get(req.params.id) ?? 0
      await load?.()
      res.json({ version })
    })
    app.put('/rows/:id', cache.evict(['row:{id}', 'rows:*']), (req, res) => {
      rows.set(req.params.id, (rows.get(req.params.id) ?? 0) + 1)
      res.json({})
    })
    app.get('/rows', cache.cacheable('rows:{query.page|=1}', 60), (_req, res) => {
      res.json({ sum: [...rows.values()].reduce((sum, version) => sum + version, 0) })
    })
    await cache.ready(app)
    const server = await listen(app)
    servers.push(server)
    const ask = (path: string, method = 'GET'): Promise<Answer> => answerOf(server.url + path, { method })
    return {
      cache,
      events,
      ask,
      read: async (path: string) => {
        const { xCache, text } = await ask(path)
        return [xCache, JSON.parse(text)]
      },
      /** Whether a hit needs no Redis. */
      holds: (key: string) => holds(cache, key),
    }
  }

  it('answer without asking Redis', async () => {
    const { read, holds } = await serve(new Map([['1', 7]]))
    expect(await read('/rows/1')).to.deep.equal(['MISS', { version: 7 }])
    await until('the copy', () => holds('row:1'))
    const redis = new Redis(url)
    await redis.del(`${keyPrefix}row:1`)
    redis.disconnect()
    expect(await read('/rows/1')).to.deep.equal(['HIT', { version: 7 }])
  })

  it('are gone everywhere soon after an eviction, and in the process that evicts before it has answered', async () => {
    const rows = new Map([['1', 1]])
    const [writer, other] = [await serve(rows), await serve(rows)]
    for (let version = 2; version < 12; version++) {
      for (const app of [writer, other]) {
        for (const path of ['/rows/1', '/rows']) await app.read(path)
        await until('copies', () => app.holds('row:1') && app.holds('rows:1'))
      }
      await writer.ask('/rows/1', 'PUT')
      expect(writer.holds('row:1') || writer.holds('rows:1')).to.equal(false)
      expect((await writer.read('/rows/1'))[1]).to.deep.equal({ version })
      expect((await writer.read('/rows'))[1]).to.deep.equal({ sum: version })
      await until('word', async () => (await other.read('/rows/1'))[1].version === version)
      await until('word', async () => (await other.read('/rows'))[1].sum === version)
    }
  })

  describe('of entries with tags', () => {
    const TAGGED = new Map<string, readonly string[]>()
    /** Its one entry carries the tags that stand here when it is loaded. */
    async function serveTagged() {
      const { cache, holds } = await serve(new Map())
      const app = quietExpress()
      app.get('/page', cache.cacheable('page', 60), (_req, res) => {
        cache.tag(...(TAGGED.get('page') ?? []))
        res.json({})
      })
      const server = await listen(app)
      servers.push(server)
      return {
        cache,
        holdsPage: () => holds('page'),
        /** All copies are dropped when the first entry of all gets tags. */
        async read() {
          await until('the copy', async () => {
            await answerOf(`${server.url}/page`)
            return holds('page')
          })
        },
      }
    }

    it('are gone in the process that evicts a tag before that has resolved, and everywhere soon', async () => {
      TAGGED.set('page', ['x', 'y'])
      const [writer, other] = [await serveTagged(), await serveTagged()]
      for (const tag of ['x', 'y', 'x']) {
        await writer.read()
        await other.read()
        expect(await writer.cache.deleteTags(tag)).to.equal(1)
        expect(writer.holdsPage()).to.equal(false)
        await until('word', () => !other.holdsPage())
      }
    })

    it('are gone everywhere, although Redis has thrown the index away', async () => {
      TAGGED.set('page', ['x'])
      const [writer, other] = [await serveTagged(), await serveTagged()]
      await writer.read()
      await other.read()
      const redis = new Redis(url)
      await redis.del(`${keyPrefix}#index`)
      redis.disconnect()
      await writer.cache.deleteTags('x')
      expect(writer.holdsPage()).to.equal(false)
      await until('word', () => !other.holdsPage())
    })

    it('are gone where the entry was loaded anew with other tags', async () => {
      TAGGED.set('page', ['x'])
      const [one, other] = [await serveTagged(), await serveTagged()]
      await one.read()
      await other.read()
      const redis = new Redis(url)
      // What was used least recently goes; the copies stay.
      await redis.del(`${keyPrefix}page`)
      redis.disconnect()
      const third = await serveTagged()
      TAGGED.set('page', ['y'])
      await third.read()
      await until('word', () => !one.holdsPage() && !other.holdsPage())
    })
  })

  it('are not of a load that an eviction has overtaken', async () => {
    const rows = new Map([['1', 1]])
    const [slow, arrived] = [gate(), gate()]
    let isFirst = true
    const reader = await serve(rows, {}, async () => {
      if (!isFirst) return
      isFirst = false
      arrived.open()
      await slow.wait
    })
    const writer = await serve(rows)
    const reading = reader.read('/rows/1')
    await arrived.wait
    await writer.ask('/rows/1', 'PUT')
    slow.open()
    expect(await reading).to.deep.equal(['MISS', { version: 1 }])
    await until('the refusal', () => reader.events.some(({ type }) => type === 'fill-refused'))
    expect((await reader.read('/rows/1'))[1]).to.deep.equal({ version: 2 })
  })

  it('last no longer than they may, whatever the TTL', async () => {
    const rows = new Map([['1', 1]])
    const reader = await serve(rows, { memory: { maxBytes: 1_000_000, maxAgeMs: 300 } })
    await reader.read('/rows/1')
    await until('the copy', () => reader.holds('row:1'))
    await until('its end', () => !reader.holds('row:1'))
  })

  it('are gone once the connection is lost over which word would come, and come back with it', async () => {
    const rows = new Map([['1', 1]])
    const [writer, other] = [await serve(rows), await serve(rows, { redis: proxy.url })]
    await other.read('/rows/1')
    await until('the copy', () => other.holds('row:1'))
    await proxy.fault('refuse')
    await until('its end', () => !other.holds('row:1'))
    await writer.ask('/rows/1', 'PUT')
    await proxy.heal()
    await until('hits again', async () => (await other.read('/rows/1'))[0] === 'HIT' && other.holds('row:1'))
    expect(await other.read('/rows/1')).to.deep.equal(['HIT', { version: 2 }])
  })

  it('are not used while an eviction of this process is kept', async () => {
    const rows = new Map([['1', 1]])
    const app = await serve(rows, { redis: proxy.url, deadlineMs: 50 })
    await until('copies', async () => {
      // In a busy moment Redis is late, and there is none.
      for (const path of ['/rows/1', '/rows/2']) await app.read(path)
      return app.holds('row:1') && app.holds('row:2')
    })
    await proxy.fault('blackhole')
    await app.ask('/rows/1', 'PUT')
    expect(app.cache.status().owedEvictions).to.be.greaterThan(0)
    expect(await app.read('/rows/1')).to.deep.equal(['BYPASS', { version: 2 }])
    expect((await app.read('/rows/2'))[0]).to.equal('BYPASS')
  })

  it('answer HEAD too, and count as hits', async () => {
    const { ask, read, cache } = await serve(new Map([['1', 1]]))
    await read('/rows/1')
    await until('the copy', () => holds(cache, 'row:1'))
    expect((await ask('/rows/1', 'HEAD')).xCache).to.equal('HIT')
    expect(await read('/rows/1')).to.deep.equal(['HIT', { version: 1 }])
    expect(cache.stats()).to.deep.include({ hits: 2, misses: 1, bypasses: 0 })
  })

  const refusals: [what: string, redis: () => Redis | Cluster, message: RegExp][] = [
    ['a client that speaks RESP2', () => new Redis(url, { lazyConnect: true, protocol: 2 }), /RESP3/],
    ['a cluster', () => new Cluster([url], { lazyConnect: true }), /with a cluster/],
  ]
  for (const [what, make, message] of refusals) {
    it(`are refused at start for ${what}`, () => {
      const redis = make()
      expect(() => createCache({ redis, memory: MEMORY }))
        .to.throw(message)
        .with.property('code', 'E_CACHE_OPTION')
      redis.disconnect()
    })
  }

  it('make no difference where everything is in the process', async () => {
    const { read } = await serve(new Map([['1', 1]]), { redis: undefined })
    expect([await read('/rows/1'), await read('/rows/1')]).to.deep.equal([
      ['MISS', { version: 1 }],
      ['HIT', { version: 1 }],
    ])
  })
})

function holds(cache: Cache, key: string): boolean {
  return partsOf(cache).engine.hit(key, 0) !== null
}
