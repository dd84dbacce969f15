import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import express, { type Express } from 'express'
import { createCache } from 'express-cacheable'
import { Cluster } from 'ioredis'
import { answerOf } from '../support/answer-of.js'
import { startFaultProxy } from '../support/fault-proxy.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { type ObservedCache, onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'

const SAFE = { crashSafe: true } as const
const MAX_BODY_BYTES = 10_000

onEachStore('a write that is crashSafe', (makeCache) => {
  const listen = serversOfSuite()

  /** Rows with versions, read through the cache and written past it. */
  async function rowsApp(define: (app: Express, observed: ObservedCache, rows: Map<string, number>) => void) {
    const observed = makeCache({ ...SAFE, maxBodyBytes: MAX_BODY_BYTES })
    const rows = new Map<string, number>()
    const app = quietExpress().use(express.json())
    app.get('/rows/:id', observed.cache.cacheable('row:{id}', 60), ({ params: { id } }, res) => {
      res.json({ version: rows.get(id) ?? 0 })
    })
    define(app, observed, rows)
    await observed.cache.ready(app)
    const url = await listen(app)
    const begin = (path: string, init?: RequestInit) => fetch(url + path, init)
    const ask = (path: string, init?: RequestInit) => answerOf(url + path, init)
    const read = async (path = '/rows/1') => {
      const { xCache, text } = await ask(path)
      return `${xCache} ${JSON.parse(text).version}`
    }
    const isRedis = observed.cache.status().kind === 'redis'
    return { ...observed, rows, begin, ask, read, isRedis }
  }

  /** Raises the version, and waits for the test before and after that. */
  function steps() {
    const [begun, before, committed, after] = [gate(), gate(), gate(), gate()]
    const write = async (rows: Map<string, number>, id: string) => {
      begun.open()
      await before.wait
      rows.set(id, (rows.get(id) ?? 0) + 1)
      committed.open()
      await after.wait
    }
    return { begun, before, committed, after, write }
  }

  it('lets nobody load what was there before, and is seen by all once it is answered', async () => {
    const { begun, before, committed, after, write } = steps()
    const { ask, read, isRedis, events } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.evict('row:{id}'), async ({ params }, res) => {
        await write(rows, params.id)
        res.json({})
      })
    })
    await read()
    expect(await read()).to.equal('HIT 0')
    const writing = ask('/rows/1', { method: 'PUT' })
    await begun.wait
    // Two reads: the second would be a hit of what the first had stored.
    const meanwhile = [await read(), await read()]
    before.open()
    await committed.wait
    const afterCommit = await read()
    after.open()
    expect((await writing).status).to.equal(200)
    expect(meanwhile).to.deep.equal(isRedis ? ['BYPASS 0', 'BYPASS 0'] : ['HIT 0', 'HIT 0'])
    expect(afterCommit).to.equal(isRedis ? 'BYPASS 1' : 'HIT 0')
    expect([await read(), await read()]).to.deep.equal(['MISS 1', 'HIT 1'])
    const told = events.filter(({ type }) => type === 'intent' || type === 'evict').map(({ type }) => type)
    expect(told).to.deep.equal(isRedis ? ['intent', 'evict'] : ['evict'])
  })

  it('says why a read meanwhile is not stored', async () => {
    const { begun, before, after, write } = steps()
    const { ask, isRedis } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.evict('row:*'), async ({ params }, res) => {
        await write(rows, params.id)
        res.json({})
      })
    })
    const writing = ask('/rows/1', { method: 'PUT' })
    await begun.wait
    const { headers } = await ask('/rows/2')
    before.open()
    after.open()
    await writing
    expect(headers.get('cache-status')?.includes('detail="write under way"')).to.equal(isRedis)
  })

  for (const status of [400, 500]) {
    it(`that fails with ${status} leaves readers to load again, also what it had committed`, async () => {
      const { ask, read, isRedis } = await rowsApp((app, { cache }, rows) => {
        app.put('/rows/:id', cache.evict('row:{id}'), ({ params }, res) => {
          rows.set(params.id, 1)
          res.status(status).json({})
        })
      })
      await read()
      expect((await ask('/rows/1', { method: 'PUT' })).status).to.equal(status)
      if (isRedis) await until('the intent to end', async () => (await read()) === 'HIT 1')
      else expect(await read()).to.equal('HIT 0')
    })
  }

  it('whose answer is too large to be held is not over before its end', async () => {
    const { begun, before, after, write } = steps()
    const { begin, read, isRedis } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.evict('row:{id}'), async ({ params }, res) => {
        res.write('x'.repeat(2 * MAX_BODY_BYTES))
        await write(rows, params.id)
        res.end()
      })
    })
    const response = await begin('/rows/1', { method: 'PUT' })
    await begun.wait
    // By now the head has left, and what was known before has been evicted.
    expect([await read(), await read()]).to.deep.equal(
      isRedis ? ['BYPASS 0', 'BYPASS 0'] : ['MISS 0', 'HIT 0'],
    )
    before.open()
    after.open()
    await response.text()
    expect([await read(), await read()]).to.deep.equal(['MISS 1', 'HIT 1'])
  })

  it('that puts stores its answer, and a put of another in the midst of it stores none', async () => {
    const { begun, before, after, write } = steps()
    const { ask, read, isRedis } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.put('row:{id}', 60), async ({ params, query }, res) => {
        if (query.slow) await write(rows, params.id)
        res.json({ version: rows.get(params.id) ?? 0 })
      })
    })
    await ask('/rows/2', { method: 'PUT' })
    expect(await read('/rows/2')).to.equal('HIT 0')
    const writing = ask('/rows/1?slow=1', { method: 'PUT' })
    await begun.wait
    await ask('/rows/1', { method: 'PUT' })
    const meanwhile = await read()
    before.open()
    after.open()
    await writing
    expect(meanwhile).to.equal(isRedis ? 'BYPASS 0' : 'HIT 0')
    // Two writers that overlap may finish in the wrong order.
    expect(await read()).to.equal('MISS 1')
  })

  it('whose rule says no, or whose condition does, tells nothing ahead', async () => {
    const { ask, events } = await rowsApp((app, { cache }) => {
      app.put('/no/:id', cache.evict('row:{id}', { crashSafe: false }), (_req, res) => void res.json({}))
      app.put('/never/:id', cache.evict('row:{id}', { condition: () => false }), (_req, res) => {
        res.json({})
      })
    })
    await ask('/no/1', { method: 'PUT' })
    await ask('/never/1', { method: 'PUT' })
    expect(events.filter(({ type }) => type === 'intent')).to.deep.equal([])
  })

  it('tells ahead which tags and tables the request names', async () => {
    const { ask, events, isRedis } = await rowsApp((app, { cache }) => {
      const tags = ['row:{result.id}', 'row:{id}']
      app.put('/tagged/:id', cache.evict({ tags, writes: 'rows' }), (_req, res) => void res.json({ id: 7 }))
    })
    await ask('/tagged/6', { method: 'PUT' })
    const told = events.flatMap((event) => (event.type === 'intent' ? event.targets : []))
    expect(told).to.deep.equal(isRedis ? ['tag row:6', 'tag any-table', 'tag rows*'] : [])
  })

  it('tells ahead what the request names, and not what its answer does', async () => {
    const { ask, events, isRedis } = await rowsApp((app, { cache }) => {
      app.post('/rows', cache.evict(['row:{result.id}', 'row:{body.old}']), (_req, res) => {
        res.json({ id: 7 })
      })
    })
    const headers = { 'content-type': 'application/json' }
    await ask('/rows', { method: 'POST', headers, body: JSON.stringify({ old: 6 }) })
    const told = events.flatMap((event) => (event.type === 'intent' ? [event.targets] : []))
    expect(told).to.deep.equal(isRedis ? [['row:6']] : [])
  })
})

describe('crashSafe', () => {
  const listen = serversOfSuite()

  it('warns at start of a rule that can tell nothing ahead', async function () {
    const logger = recordingLogger()
    const cache = createCache({ redis: await redisForTests(this), logger, ...SAFE })
    cache.evict('row:{result.id}')
    cache.evict(['row:{result.id}', 'rows:*'])
    await cache.close()
    expect(logger.at('warn')).to.have.lengthOf(1)
    expect(logger.at('warn')[0]).to.match(/^cache.evict\("row:{result.id}"\) is not crashSafe: /)
  })

  it('is an error for a Redis Cluster, which has no intents', async () => {
    const redis = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true })
    try {
      const refused = /'crashSafe' is not there for a Redis Cluster/
      expect(() => createCache({ redis, ...SAFE })).to.throw(refused)
      const cache = createCache({ redis, logger: recordingLogger() })
      expect(() => cache.evict('row:{id}', SAFE)).to.throw(refused)
      expect(() => cache.put('row:{id}', 60, SAFE)).to.throw(refused)
      cache.evict('row:{id}', { crashSafe: false })
      await cache.close()
    } finally {
      redis.disconnect()
    }
  })

  it('keeps what was there before from others while the writer alone cannot reach Redis any more', async function () {
    const url = await redisForTests(this)
    const { hostname: host, port } = new URL(url)
    const proxy = await startFaultProxy({ host, port: Number(port) })
    const options = { keyPrefix: `test-${randomUUID()}:`, logger: recordingLogger() }
    const caches = [
      createCache({ ...options, redis: proxy.url, ...SAFE }),
      createCache({ ...options, redis: url }),
    ]
    let version = 0
    try {
      const bases = []
      for (const cache of caches) {
        const app = quietExpress()
        app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({ version }))
        app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => {
          proxy.fault('refuse')
          version += 1
          res.json({})
        })
        await cache.ready(app)
        bases.push(await listen(app))
      }
      const [writer, reader] = bases
      await until('a hit', async () => (await answerOf(`${reader}/rows/1`)).xCache === 'HIT')
      const { headers } = await answerOf(`${writer}/rows/1`, { method: 'PUT' })
      expect(headers.get('cache-status')).to.contain('eviction kept')
      const { xCache, text } = await answerOf(`${reader}/rows/1`)
      expect([xCache, JSON.parse(text).version]).to.deep.equal(['BYPASS', 1])
      proxy.heal()
      await until('the eviction to be delivered, and the intent settled', async () => {
        return (await answerOf(`${reader}/rows/1`)).xCache === 'HIT'
      })
    } finally {
      for (const cache of caches) await cache.close()
      await proxy.close()
    }
  })

  it('that cannot reach Redis lets the write go on in time, and counts that', async function () {
    const url = await redisForTests(this)
    const cache = createCache({ redis: url, logger: recordingLogger(), ...SAFE })
    const app = quietExpress()
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({}))
    try {
      await cache.ready(app)
      cache.redis?.disconnect()
      const base = await listen(app)
      const startedAt = performance.now()
      expect((await answerOf(`${base}/rows/1`, { method: 'PUT' })).status).to.equal(200)
      expect(performance.now() - startedAt).to.be.lessThan(5_000)
      expect(cache.stats()).to.include({ missedIntents: 1, keptEvictions: 1 })
    } finally {
      await cache.close()
    }
  })
})
