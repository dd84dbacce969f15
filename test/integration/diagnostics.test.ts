import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { expect } from 'chai'
import type { RequestHandler } from 'express'
import type { LoadMessage } from '#src/diagnostics/channels.js'
import { answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { channelsOfSuite, requestContext } from '../support/listened-channels.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'

onEachStore('diagnostics channels', (makeCache) => {
  const listen = serversOfSuite()
  const channels = channelsOfSuite()

  async function servedApp(handler: RequestHandler<{ id: string }> = (_req, res) => void res.json({ a: 1 })) {
    const observed = makeCache()
    const { cache } = observed
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60, { visibility: 'public' }), handler)
    app.get(
      '/skipped',
      cache.cacheable('skipped', 60, { condition: () => false }),
      (_req, res) => void res.json({}),
    )
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    await cache.ready(app)
    let frontHits = 0
    const front = cache.front(app, { onFrontHit: () => frontHits++ })
    // As an instrumentation of HTTP does: the whole request runs in its context.
    const url = await listen((req, res) =>
      requestContext.run(String(req.headers['x-request']), () => front(req, res)),
    )
    const ask = (request: string, path: string, method = 'GET') =>
      answerOf(url + path, { method, headers: { 'x-request': request } })
    return { ...observed, ask, frontHits: () => frontHits }
  }

  it('tells of each event in the context of its request', async () => {
    const { ask, cache, frontHits } = await servedApp()
    const heard = channels.events()
    const of = (...types: string[]) => heard.filter(([type]) => types.includes(type))
    await ask('first', '/rows/1')
    await until('the fill', () => cache.stats().fills === 1)
    // The second hit teaches the front lane, which answers the others.
    for (const request of ['second', 'third', 'fourth', 'fifth']) await ask(request, '/rows/1')
    expect(frontHits()).to.be.at.least(1)
    await ask('skipped', '/skipped')
    await ask('write', '/rows/1', 'PUT')
    expect(of('hit', 'miss', 'bypass', 'evict', 'fill')).to.deep.equal([
      ['miss', 'first'],
      ['fill', 'first'],
      ['hit', 'second'],
      ['hit', 'third'],
      ['hit', 'fourth'],
      ['hit', 'fifth'],
      ['bypass', 'skipped'],
      ['evict', 'write'],
    ])
  })

  it('tells what a hit gave and for how long it is still fresh', async () => {
    const { ask, events, cache } = await servedApp()
    await ask('first', '/rows/1')
    await until('the fill', () => cache.stats().fills === 1)
    for (let times = 0; times < 5; times++) await ask('other', '/rows/1')
    await cache.wrap('wrapped', 60, () => ({ a: 1 }))
    await until('the second fill', () => cache.stats().fills === 2)
    await cache.wrap('wrapped', 60, () => ({ a: 1 }))
    const hits = events.filter((event) => event.type === 'hit')
    expect(hits).to.have.lengthOf(6)
    for (const { bytes, ttlMs } of hits) {
      expect(bytes).to.equal('{"a":1}'.length)
      expect(ttlMs).to.be.within(30_000, 60_000)
    }
  })

  it('runs a load in what is bound to its start, and tells of its steps', async () => {
    const own = new AsyncLocalStorage<LoadMessage>()
    const seen: (LoadMessage | undefined)[] = []
    const { ask } = await servedApp(async (_req, res) => {
      seen.push(own.getStore())
      await new Promise(setImmediate)
      seen.push(own.getStore())
      res.json({ a: 1 })
    })
    const { start } = tracingChannel<LoadMessage, LoadMessage>('express-cacheable:load')
    start.bindStore(own, (message) => message)
    const heard = channels.loads()
    await ask('first', '/rows/1')
    await until('the end of the load', () => heard.length === 4)
    start.unbindStore(own)
    expect(heard.map(({ what }) => what)).to.deep.equal(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(heard.map(({ request }) => request)).to.deep.equal(Array(4).fill('first'))
    const message = heard[0]?.message as LoadMessage
    expect(seen).to.deep.equal([message, message])
    expect(message).to.include({ key: 'row:1', isReload: false, bytes: 7, ttlMs: 60_000, result: 'stored' })
    expect(message.rule?.key).to.equal('row:{id}')
  })

  it('runs a load within what subscribers put around it, the first outermost', async () => {
    const order: string[] = []
    const { cache } = makeCache()
    await cache.ready()
    const around = (name: string) => (message: unknown) =>
      (message as LoadMessage).around((run) => {
        order.push(name)
        return run()
      })
    const subscribers = [{ start: around('one') }, { start: around('two') }]
    const channel = tracingChannel<unknown, LoadMessage>('express-cacheable:load')
    for (const subscriber of subscribers) channel.subscribe(subscriber as never)
    await cache.wrap('a', 60, () => order.push('load'))
    for (const subscriber of subscribers) channel.unsubscribe(subscriber as never)
    expect(order).to.deep.equal(['two', 'one', 'load'])
  })

  it('tells what a load throws, and that it was no value for others', async () => {
    const { cache } = makeCache()
    await cache.ready()
    const heard = channels.loads()
    const error = new Error('the database is away')
    const thrown: unknown = await cache.wrap('a', 60, () => Promise.reject(error)).catch((caught) => caught)
    expect(thrown).to.equal(error)
    expect(heard.map(({ what }) => what)).to.deep.equal(['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    expect(heard[0]?.message).to.include({ error, result: 'unshareable', reason: 'the function failed' })
  })

  it('tells why an answer was no value for others', async () => {
    const { ask } = await servedApp((_req, res) => void res.status(404).json({}))
    const heard = channels.loads()
    await ask('first', '/rows/1')
    await until('the end of the load', () => heard.length === 4)
    expect(heard[0]?.message).to.include({ result: 'unshareable', reason: 'status 404' })
  })

  it('tells that a load was refused whose key has been evicted meanwhile', async () => {
    const loading = gate()
    const { ask, events } = await servedApp(async (_req, res) => {
      await loading.wait
      res.json({ a: 1 })
    })
    const heard = channels.loads()
    const first = ask('first', '/rows/1')
    await until('the load', () => heard.some(({ what }) => what === 'start'))
    await ask('write', '/rows/1', 'PUT')
    loading.open()
    await first
    await until('the refusal', () => events.some(({ type }) => type === 'fill-refused'))
    await until('the end of the load', () => heard.length === 4)
    expect(heard[0]?.message.result).to.equal('refused')
  })

  it('tells of a reload as one that runs behind an answer, from its way through the application on', async () => {
    const { cache } = makeCache()
    const own = new AsyncLocalStorage<LoadMessage>()
    const seen: (boolean | undefined)[] = []
    const app = quietExpress()
    app.use((_req, _res, next) => {
      seen.push(own.getStore()?.isReload)
      next()
    })
    app.get('/a', cache.cacheable('a', 1, { staleWhileRevalidate: 60 }), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(app)
    const { start } = tracingChannel<LoadMessage, LoadMessage>('express-cacheable:load')
    start.bindStore(own, (message) => message)
    const heard = channels.loads()
    await answerOf(`${url}/a`)
    await until('the load', () => heard.length === 4)
    await until('the answer to be stale', async () => {
      await answerOf(`${url}/a`)
      return cache.stats().stale > 0
    })
    await until('the reload', () => heard.filter(({ what }) => what === 'asyncEnd').length >= 2)
    start.unbindStore(own)
    expect(heard.slice(4, 8).map(({ what }) => what)).to.deep.equal([
      'start',
      'end',
      'asyncStart',
      'asyncEnd',
    ])
    expect(heard[4]?.message).to.include({ isReload: true, key: 'a', result: 'stored' })
    expect(seen).to.include(true)
  })

  it('tells of an eviction, who evicts, and how much it has removed', async () => {
    const { ask, cache } = await servedApp()
    await ask('first', '/rows/1')
    await until('the fill', () => cache.stats().fills === 1)
    const heard = channels.evictions()
    await ask('write', '/rows/1', 'PUT')
    expect(heard.map(({ what }) => what)).to.deep.equal(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(heard.map(({ request }) => request)).to.deep.equal(Array(4).fill('write'))
    expect(heard[0]?.message).to.deep.include({ by: 'PUT /rows/:id', targets: ['row:1'], removed: 1 })
  })
})

describe('diagnostics channels of several caches', () => {
  it('say whose they are', async () => {
    const { createCache } = await import('express-cacheable')
    const [one, two] = [createCache({ keyPrefix: 'one:' }), createCache({ keyPrefix: 'two:' })]
    const whose: LoadMessage['cache'][] = []
    const subscriber = { start: ({ cache }: LoadMessage) => whose.push(cache) }
    const channel = tracingChannel<unknown, LoadMessage>('express-cacheable:load')
    channel.subscribe(subscriber as never)
    for (const key of ['a', 'b']) {
      await one.wrap(key, 60, () => 1)
      await two.wrap(key, 60, () => 1)
    }
    channel.unsubscribe(subscriber as never)
    expect(whose.map(({ keyPrefix }) => keyPrefix)).to.deep.equal(['one:', 'two:', 'one:', 'two:'])
    expect(new Set(whose)).to.have.property('size', 2)
    await Promise.all([one.close(), two.close()])
  })
})
