import { expect } from 'chai'
import express, { type RequestHandler } from 'express'
import { type Cache, Cacheable, CacheEvict, CachePut, createMemoryBus, OnEvent } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStoreAndCluster } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { rejection } from '../unit/thrown.js'

const done: RequestHandler = (_req, res) => {
  res.json({ id: 7 })
}

onEachStoreAndCluster('an entry that says of which tables it is made', (makeCache) => {
  const listen = serversOfSuite()

  async function crm() {
    const { cache, events } = makeCache()
    const app = quietExpress().use(express.json())
    const read = (key: string, reads: string | readonly string[]) => cache.cacheable(key, 60, { reads })
    app.get('/customers/:id', read('customer:{id}', 'customers'), done)
    app.get('/report', read('report', ['customers', 'audit.changes']), done)
    app.get('/other', read('other', ['changes']), done)
    app.get('/plain', cache.cacheable('plain', 60), done)
    app.put('/customers/:id', cache.evict({ writes: ['customers'] }), done)
    app.put('/changes', cache.evict('plain', { writes: 'audit.changes' }), done)
    app.put('/all', cache.evict({ tags: ['all-tables'] }), done)
    await cache.ready(app)
    const url = await listen(app)
    const all = ['/customers/1', '/report', '/other', '/plain'] as const
    const states = async () => {
      const seen: string[] = []
      for (const path of all) seen.push(String((await answerOf(url + path)).xCache))
      return seen
    }
    const put = async (path: string) => {
      await states()
      expect(await states()).to.deep.equal(Array(4).fill('HIT'))
      await answerOf(url + path, { method: 'PUT' })
      return states()
    }
    return { cache, events, put, states }
  }

  it('goes with each write that names one of them, and with no other', async () => {
    const { put } = await crm()
    expect(await put('/customers/9')).to.deep.equal(['MISS', 'MISS', 'HIT', 'HIT'])
    expect(await put('/changes')).to.deep.equal(['HIT', 'MISS', 'HIT', 'MISS'])
    expect(await put('/all')).to.deep.equal(['MISS', 'MISS', 'MISS', 'HIT'])
  })

  it('is declared by decorators, of classes, routes and events', async () => {
    class Customers {
      @Cacheable('customer:{id}', 60, { reads: ['customers'] })
      async get(_req: express.Request, res: express.Response) {
        res.json({ id: 7 })
      }

      @CachePut('customer:{id}', 60, { reads: ['customers'] })
      async put(_req: express.Request, res: express.Response) {
        res.json({ id: 7 })
      }

      @CacheEvict({ writes: ['customers'] })
      async clear(_req: express.Request, res: express.Response) {
        res.json({})
      }
    }
    class CustomerEvents {
      @OnEvent('customers', 'IMPORTED')
      @CacheEvict({ writes: ['customers'] })
      async onImported() {}
    }
    const { cache } = makeCache()
    const { get, put, clear } = cache.handlers(new Customers())
    const app = quietExpress().get('/c/:id', get).put('/c/:id', put).delete('/c', clear)
    await cache.ready(app)
    const bus = createMemoryBus()
    await cache.subscribe(bus, new CustomerEvents())
    const url = await listen(app)
    const state = async () => (await answerOf(`${url}/c/1`)).xCache
    await answerOf(`${url}/c/1`, { method: 'PUT' })
    expect(await state()).to.equal('HIT')
    await answerOf(`${url}/c`, { method: 'DELETE' })
    expect([await state(), await state()]).to.deep.equal(['MISS', 'HIT'])
    await bus.publish('customers', {
      ...{ eventType: 'IMPORTED', eventId: 'e1', timestamp: new Date().toISOString() },
      data: {},
    })
    expect(await state()).to.equal('MISS')
    await bus.close()
  })

  it('is what a function gave, or a method, or warming', async () => {
    class Reports {
      @Cacheable('report:{args.0}', 60, { reads: ['audit.changes'] })
      async monthly(month: string) {
        return { month }
      }

      @CacheEvict({ writes: ['audit.changes'] })
      async correct() {}
    }
    const { cache } = makeCache()
    await cache.ready()
    const reports = cache.methods(new Reports())
    const isThere = async (key: string) => (await cache.get(key)) !== null
    await cache.wrap('rates', 60, async () => ({ eur: 1 }), { reads: ['audit.changes'] })
    await reports.monthly('11')
    const load = async () => [{ id: 1 }]
    await cache.warm({ key: 'customer:{id}', ttl: 60, load, reads: 'audit.changes' })
    const keys = ['rates', 'report:11', 'customer:1']
    expect(await Promise.all(keys.map(isThere))).to.deep.equal([true, true, true])
    await reports.correct()
    expect(await Promise.all(keys.map(isThere))).to.deep.equal([false, false, false])
  })

  for (const [what, tables] of [
    ['an empty text', ''],
    ['an empty text in a list', ['customers', '']],
    ['no text', [7]],
    ['a name of too many parts', 'a.b.c'],
  ] as const) {
    it(`is a mistake at start, if a table is ${what}`, async () => {
      const { cache } = makeCache()
      const wrong = tables as never
      const declare: ((cache: Cache) => unknown)[] = [
        () => cache.cacheable('a', 60, { reads: wrong }),
        () => cache.put('a', 60, { reads: wrong }),
        () => cache.evict({ writes: wrong }),
        () => cache.evict('a', { writes: wrong }),
      ]
      for (const call of declare) {
        expect(() => call(cache))
          .to.throw()
          .with.property('code', 'E_CACHE_OPTION')
      }
      const load = async () => []
      const rejections = [
        await rejection(cache.wrap('a', 60, async () => 1, { reads: wrong })),
        await rejection(cache.warm({ key: 'a:{id}', ttl: 60, load, reads: wrong })),
      ]
      expect(rejections.map((error) => Reflect.get(error, 'code'))).to.deep.equal(
        Array(2).fill('E_CACHE_OPTION'),
      )
    })
  }

  it('is a mistake at start, if a put leaves them out', () => {
    const { cache } = makeCache()
    cache.cacheable('customer:{id}', 60, { reads: ['customers'] })
    cache.put('customer:{id}', 60, { tags: ['other'] })
    expect(() => cache.verify())
      .to.throw(/'reads'.*\{ reads: \['customers'\] \}/s)
      .with.property('code', 'E_CACHE_RULE_CONFLICT')
  })
})
