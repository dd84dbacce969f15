import { type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import { expect } from 'chai'
import { type TraceCacheOptions, traceCache } from 'express-cacheable/opentelemetry'
import { answerOf } from '../support/answer-of.js'
import { exportedTelemetryOfSuite, instrumented } from '../support/exported-telemetry.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'
import { thrown } from '../unit/thrown.js'

onEachStore('express-cacheable/opentelemetry', (makeCache) => {
  const listen = serversOfSuite()
  const telemetry = exportedTelemetryOfSuite()

  /** One span of a name, once it has ended. */
  async function span(name: string): Promise<ReadableSpan> {
    await until(`the span ${name}`, () => telemetry.named(name).length === 1)
    return telemetry.named(name)[0] as ReadableSpan
  }

  function traced(options: TraceCacheOptions = {}) {
    const observed = makeCache()
    traceCache(observed.cache, { name: 'crm', ...options })
    return observed
  }

  async function servedApp(options: TraceCacheOptions, isKnown = true) {
    const { cache } = traced(options)
    const tracer = trace.getTracer('test')
    const app = quietExpress()
    // The span of a middleware is active within the request's, as with the instrumentation of Express.
    app.use((_req, _res, next) => {
      if (!isKnown) return next()
      return tracer.startActiveSpan('middleware', (own) => {
        next()
        own.end()
      })
    })
    app.get('/rows/:id', cache.cacheable('row:{id}', 60, { visibility: 'public' }), async (_req, res) => {
      await tracer.startActiveSpan('query', async (own: Span) => {
        await new Promise(setImmediate)
        own.end()
      })
      await cache.wrap('nested', 60, () => 1)
      res.json({ a: 1 })
    })
    app.get(
      '/skipped',
      cache.cacheable('skipped', 60, { condition: () => false }),
      (_req, res) => void res.json({}),
    )
    app.get('/missing', cache.cacheable('missing', 60), (_req, res) => void res.status(404).json({}))
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(instrumented(cache.front(app), isKnown))
    return { cache, ask: (path: string, method = 'GET') => answerOf(url + path, { method }) }
  }

  for (const isKnown of [true, false]) {
    const how = isKnown ? 'among the spans of middleware' : 'as the active one'

    it(`says in the span of a request what the cache did, ${how}`, async () => {
      const { ask, cache } = await servedApp({ keys: (key) => key.toUpperCase() }, isKnown)
      await ask('/rows/1?miss')
      await until('the fills', () => cache.stats().fills === 2)
      await ask('/rows/1?hit')
      const miss = await span('GET /rows/1?miss')
      expect(miss.attributes).to.deep.equal({
        ...{ 'cache.name': 'crm', 'cache.hit': false, 'cache.result': 'miss', 'cache.key': ['ROW:1'] },
        ...{ 'cache.rule': 'GET /rows/:id', 'cache.ttl': 60, 'cache.item_size': 7 },
      })
      const hit = await span('GET /rows/1?hit')
      const { 'cache.ttl': ttl, ...others } = hit.attributes
      expect(others).to.deep.equal({
        ...{ 'cache.name': 'crm', 'cache.hit': true, 'cache.result': 'hit', 'cache.key': ['ROW:1'] },
        ...{ 'cache.rule': 'GET /rows/:id', 'cache.item_size': 7 },
      })
      expect(ttl).to.be.within(30, 60)
    })
  }

  it('makes a span of a load, with what the handler does below it', async () => {
    const { ask, cache } = await servedApp({})
    await ask('/rows/1')
    await until('the fills', () => cache.stats().fills === 2)
    const [server, load, query, nested] = [
      await span('GET /rows/1'),
      await span('cache.load GET /rows/:id'),
      await span('query'),
      await span('cache.load cache.wrap nested'),
    ]
    expect(server.kind).to.equal(SpanKind.SERVER)
    expect(load.spanContext().traceId).to.equal(server.spanContext().traceId)
    expect(load.parentSpanContext?.spanId).to.equal((await span('middleware')).spanContext().spanId)
    for (const below of [query, nested]) {
      expect(below.parentSpanContext?.spanId).to.equal(load.spanContext().spanId)
    }
    expect(load.attributes).to.deep.equal({
      ...{ 'cache.name': 'crm', 'cache.operation': 'put', 'cache.reload': false },
      ...{ 'cache.rule': 'GET /rows/:id', 'cache.ttl': 60, 'cache.item_size': 7, 'cache.result': 'stored' },
    })
    // What is called within is no answer of the request's.
    expect(server.attributes['cache.rule']).to.equal('GET /rows/:id')
  })

  it('makes a span of an eviction below the write, and says who evicts and how much', async () => {
    const { ask, cache } = await servedApp({})
    await ask('/rows/1')
    await until('the fills', () => cache.stats().fills === 2)
    await ask('/rows/1', 'PUT')
    const [server, evict] = [await span('PUT /rows/1'), await span('cache.evict PUT /rows/:id')]
    expect(evict.spanContext().traceId).to.equal(server.spanContext().traceId)
    expect(evict.attributes).to.deep.equal({
      ...{ 'cache.name': 'crm', 'cache.operation': 'remove', 'cache.target_count': 1 },
      ...{ 'cache.by': 'PUT /rows/:id', 'cache.removed_count': 1 },
    })
    expect(evict.endTime >= evict.startTime).to.equal(true)
  })

  it('says why the cache was not used, and why an answer is not stored', async () => {
    const { ask } = await servedApp({})
    await ask('/skipped')
    await ask('/missing')
    expect((await span('GET /skipped')).attributes).to.include({
      'cache.hit': false,
      'cache.result': 'bypass',
      'cache.reason': 'condition',
    })
    expect((await span('GET /missing')).attributes).to.include({
      'cache.result': 'miss',
      'cache.reason': 'status 404',
    })
    expect((await span('cache.load GET /missing')).attributes).to.include({
      'cache.result': 'unshareable',
      'cache.reason': 'status 404',
    })
  })

  it('says hits of the front lane too, and no key unless it is asked to', async () => {
    const { ask, cache } = await servedApp({})
    await ask('/rows/k3y')
    await until('the fills', () => cache.stats().fills === 2)
    for (let nth = 0; nth < 4; nth++) await ask('/rows/k3y')
    await until('the spans', () => telemetry.named('GET /rows/k3y').length === 5)
    const servers = telemetry.named('GET /rows/k3y')
    expect(servers.map(({ attributes }) => attributes['cache.hit'])).to.deep.equal([
      ...[false, true, true, true, true],
    ])
    // The front lane knows of no middleware.
    expect(telemetry.named('middleware').length).to.be.below(5)
    const said = telemetry.spans().map(({ attributes }) => JSON.stringify(attributes))
    expect(said.filter((attributes) => attributes.includes('k3y'))).to.deep.equal([])
  })

  it('says nothing of a sanitizer that throws, and the answer is what it was', async () => {
    const { ask } = await servedApp({
      keys: () => {
        throw new Error('no such key')
      },
    })
    expect((await ask('/rows/1')).text).to.equal('{"a":1}')
    const { attributes } = await span('GET /rows/1')
    expect(attributes).to.include({ 'cache.hit': false }).and.to.not.have.property('cache.key')
  })

  it('marks a load that throws as failed', async () => {
    const { cache } = traced()
    await cache.ready()
    await cache.wrap('a', 60, () => Promise.reject(new Error('the database is away'))).catch(() => {})
    const load = await span('cache.load cache.wrap a')
    expect(load.status).to.deep.equal({ code: SpanStatusCode.ERROR, message: 'the database is away' })
    expect(load.attributes['cache.result']).to.equal('unshareable')
  })

  it('says of a request that waited for another that it was no hit, without a load of its own', async () => {
    const { cache } = traced()
    const loading = gate()
    let arrivals = 0
    const app = quietExpress()
    app.get(
      '/slow',
      (_req, _res, next) => {
        arrivals++
        next()
      },
      cache.cacheable('slow', 60),
      async (_req, res) => {
        await loading.wait
        res.json({})
      },
    )
    await cache.ready(app)
    const url = await listen(instrumented(app, true))
    const answers = ['a', 'b'].map((request) => answerOf(`${url}/slow?${request}`))
    await until('both', () => arrivals === 2)
    loading.open()
    await Promise.all(answers)
    for (const request of ['a', 'b']) {
      expect((await span(`GET /slow?${request}`)).attributes['cache.result']).to.equal('miss')
    }
    await span('cache.load GET /slow')
  })

  it('begins a trace of its own for a reload, with a link to the request that has set it off', async () => {
    const { cache } = traced()
    const app = quietExpress()
    app.get('/a', cache.cacheable('a', 1, { staleWhileRevalidate: 60 }), (_req, res) => {
      trace.getTracer('test').startSpan('query').end()
      res.json({})
    })
    await cache.ready(app)
    const url = await listen(instrumented(app, true))
    await answerOf(`${url}/a`)
    await until('the reload', async () => {
      await answerOf(`${url}/a`)
      return telemetry.named('cache.load GET /a').length === 2
    })
    const [, reload] = telemetry.named('cache.load GET /a')
    const [, query] = telemetry.named('query')
    const stale = telemetry.named('GET /a').find(({ attributes }) => attributes['cache.result'] === 'stale')
    expect(stale?.attributes).to.include({ 'cache.hit': true, 'cache.ttl': 0 })
    expect(reload?.parentSpanContext).to.equal(undefined)
    expect(reload?.links.map(({ context }) => context.spanId)).to.deep.equal([stale?.spanContext().spanId])
    expect(reload?.attributes['cache.reload']).to.equal(true)
    expect(query?.parentSpanContext?.spanId).to.equal(reload?.spanContext().spanId)
  })

  it('gives the metrics of the cache to the meter, and ends with it', async () => {
    const { cache } = traced({ name: 'metered' })
    await cache.ready()
    await cache.wrap('a', 60, () => 1)
    await until('the fill', () => cache.stats().fills === 1)
    await cache.wrap('a', 60, () => 1)
    const ofRule = { 'cache.name': 'metered', 'cache.rule': 'cache.wrap a' }
    const points = await telemetry.points()
    const valueOn = (name: string, attributes: object) =>
      points.find(
        (point) => point.name === name && JSON.stringify(point.attributes) === JSON.stringify(attributes),
      )?.value
    expect(valueOn('cache.gets', { ...ofRule, 'cache.result': 'hit' })).to.equal(1)
    expect(valueOn('cache.gets', { ...ofRule, 'cache.result': 'miss' })).to.equal(1)
    expect(valueOn('cache.stored', ofRule)).to.equal(1)
    expect(valueOn('cache.owed_evictions', { 'cache.name': 'metered' })).to.equal(0)
    expect(valueOn('cache.get.duration', ofRule)).to.include({ count: 1 })
    expect(valueOn('cache.load.duration', ofRule)).to.include({ count: 1 })
    expect(valueOn('cache.circuit_state', { 'cache.name': 'metered', 'cache.state': 'closed' })).to.equal(1)
  })

  it('tells nothing of other caches, nor once it has been ended', async () => {
    const { cache } = makeCache()
    const end = traceCache(cache)
    const { cache: other } = makeCache()
    await Promise.all([cache.ready(), other.ready()])
    await other.wrap('b', 60, () => 1)
    await cache.wrap('a', 60, () => 1)
    await span('cache.load cache.wrap a')
    end()
    await cache.wrap('c', 60, () => 1)
    expect(telemetry.spans().map(({ name }) => name)).to.deep.equal(['cache.load cache.wrap a'])
    traceCache(cache)
    await cache.close()
  })

  it('refuses wrong options, and a cache that is traced already', () => {
    const { cache } = makeCache()
    expect(thrown(() => traceCache(cache, { keys: true } as never)).message).to.include('keys is neither')
    expect(thrown(() => traceCache(cache, { key: false } as never)).message).to.include(
      `there is no option 'key'`,
    )
    traceCache(cache)
    expect(thrown(() => traceCache(cache)).message).to.include('traced already')
  })
})
