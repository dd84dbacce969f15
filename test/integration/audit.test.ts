import 'reflect-metadata'
import { expect } from 'chai'
import type { Request, RequestHandler } from 'express'
import { Cacheable, type CacheableOptions, type CacheEvent, type CacheOptions } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import {
  type Action,
  Get,
  type InterceptorInterface,
  JsonController,
  UseInterceptor,
} from 'routing-controllers'
import { answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { hurryAudits } from '../support/hurried-audits.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

type Audit = Extract<CacheEvent, { type: 'audit' }>

const AUDIT: CacheOptions['audit'] = { sample: 1 }

onEachStore('audits', (makeCache) => {
  const listen = serversOfSuite()
  let takeTime: () => void
  beforeEach(() => {
    takeTime = hurryAudits(20, 40)
  })
  afterEach(() => takeTime())

  interface SetUp {
    readonly options?: CacheOptions
    readonly rule?: CacheableOptions
    readonly handler: RequestHandler
    /** Before the route. */
    readonly middleware?: RequestHandler
    readonly isFronted?: boolean
  }

  async function serve({ options, rule = {}, handler, middleware, isFronted = false }: SetUp) {
    const logger = recordingLogger()
    const { cache, events } = makeCache({ audit: AUDIT, logger, ...options })
    const app = quietExpress()
    if (middleware) app.use(middleware)
    app.get('/rows/:id', cache.cacheable('row:{id}', 600, rule), handler)
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(isFronted ? cache.front(app) : app)
    const told = (...types: readonly CacheEvent['type'][]) =>
      events.filter(({ type }) => types.includes(type)).length
    const ask = async (init?: RequestInit) => {
      const answer = await answerOf(`${url}/rows/1`, init)
      // What is compressed is stored some time after its answer.
      await until('answers to be stored', () => told('fill', 'fill-refused', 'not-stored') >= told('miss'))
      return answer
    }
    return { cache, events, logger, ask }
  }

  /** Those that have been told, once there are so many. */
  async function auditsOf(events: readonly CacheEvent[], count = 1): Promise<readonly Audit[]> {
    const told = () => events.filter((event): event is Audit => event.type === 'audit')
    await until(`${count} audits`, () => told().length >= count)
    return told()
  }

  it('find an eviction that was left out, and tell it everywhere', async () => {
    let name = 'Ada'
    const handler: RequestHandler = (_req, res) => {
      cacheOf.tag('person:1')
      res.json({ id: 1, person: { name } })
    }
    const { cache, events, logger, ask } = await serve({ handler })
    const cacheOf = cache
    await ask()
    // What another program does, or a handler without the decorator.
    name = 'Bob'
    const { text, xCache } = await ask()
    expect([xCache, JSON.parse(text).person.name]).to.deep.equal(['HIT', 'Ada'])
    const [audit] = await auditsOf(events)
    expect(audit).to.deep.include({ outcome: 'stale', key: 'row:1', fields: ['person.name'] })

    const where = `cache.cacheable('row:{id}')`
    const { audits } = cache.stats()
    const counts = { lookedAt: 1, agreed: 0, settled: 0, stale: 1, unclear: 0, skipped: 0 }
    expect(audits).to.deep.include(counts)
    expect(audits?.rules).to.have.length(1)
    expect(audits?.rules[0]).to.deep.include({ where, key: 'row:{id}', ...counts })
    expect(audits?.longestStaleMs).to.be.at.least(40)
    const [finding] = cache.audits()
    expect(finding).to.deep.include({
      ...{ rule: 'GET /rows/:id', key: 'row:1', fields: ['person.name'], tags: ['person:1'], by: null },
    })
    expect(finding?.staleForMs).to.be.at.least(40)

    const [warning, ...others] = logger.at('warn').filter((line) => line.includes('stale'))
    expect(others).to.be.empty
    expect(warning).to.include(`${where}: row:1 is stale`)
    expect(warning).to.include('person.name')
    for (const value of ['Ada', 'Bob'])
      expect(JSON.stringify([audit, finding, warning])).not.to.include(value)
    // Nothing was stored, and no request was counted.
    expect((await ask()).text).to.equal(text)
    expect(events.filter(({ type }) => type === 'fill' || type === 'miss')).to.have.length(2)
    const { hits, misses, bypasses } = cache.stats()
    expect([hits, misses, bypasses]).to.deep.equal([2, 1, 0])
  })

  it('find nothing where a write evicts what it changes', async () => {
    let version = 1
    const { cache, events, ask } = await serve({ handler: (_req, res) => void res.json({ version }) })
    for (let turn = 1; turn <= 5; turn += 1) {
      await ask()
      await ask()
      expect((await auditsOf(events, turn)).at(-1)?.outcome).to.equal('agreed')
      version += 1
      await ask({ method: 'PUT' })
    }
    expect(cache.audits()).to.deep.equal([])
  })

  it('find an interceptor that depends on the hour', async () => {
    let hour = 9
    class Greeting implements InterceptorInterface {
      intercept(_action: Action, row: object) {
        return { ...row, greeting: hour < 12 ? 'Good morning' : 'Good day' }
      }
    }
    @JsonController()
    @UseInterceptor(Greeting)
    class Rows {
      @Get('/rows')
      @Cacheable('rows', 600)
      list() {
        return { rows: [] }
      }
    }
    const { cache, events } = makeCache({ audit: AUDIT })
    const app = registerControllers(quietExpress(), cache, { controllers: [Rows] })
    await cache.ready(app)
    const url = await listen(app)
    await answerOf(`${url}/rows`)
    await answerOf(`${url}/rows`)
    expect((await auditsOf(events))[0]?.outcome).to.equal('agreed')
    hour = 13
    await answerOf(`${url}/rows`)
    expect((await auditsOf(events, 2))[1]).to.deep.include({ outcome: 'stale', fields: ['greeting'] })
  })

  describe('beside a replica that lags', () => {
    /** Reads every other request from a copy, which follows at a read of it. */
    async function serveFromReplica(followsAtRead: number) {
      const primary = { name: 'new' }
      const replica = { name: 'old' }
      let reads = 0
      const handler: RequestHandler = (_req, res) => {
        reads += 1
        if (reads >= followsAtRead) replica.name = primary.name
        // The first fills the cache, from the primary.
        res.json(reads === 1 ? primary : replica)
      }
      const served = await serve({ handler })
      await served.ask()
      await served.ask()
      return { ...served, reads: () => reads }
    }

    it('find that it is late for more than a minute', async () => {
      const { events, reads } = await serveFromReplica(Number.POSITIVE_INFINITY)
      expect((await auditsOf(events))[0]).to.deep.include({ outcome: 'stale', fields: ['name'] })
      expect(reads()).to.equal(4)
    })

    for (const [within, followsAtRead] of [
      ['a second', 3],
      ['a minute', 4],
    ] as const) {
      it(`are content if it follows within ${within}`, async () => {
        const { cache, events, reads } = await serveFromReplica(followsAtRead)
        expect((await auditsOf(events))[0]?.outcome).to.equal('settled')
        expect(reads()).to.equal(followsAtRead)
        expect(cache.audits()).to.deep.equal([])
      })
    }

    it('find what was loaded from it before it had followed, once it has', async () => {
      let row = 'old'
      const { events, ask } = await serve({ handler: (_req, res) => void res.json({ row }) })
      await ask({ method: 'PUT' })
      await ask()
      row = 'new'
      await ask()
      expect((await auditsOf(events))[0]).to.deep.include({ outcome: 'stale', fields: ['row'] })
    })
  })

  it('find an answer for one person that another was given', async () => {
    const handler: RequestHandler = (req, res) => void res.json({ for: req.get('x-user') })
    const { events, ask } = await serve({ handler, options: { watchIdentity: false } })
    await ask({ headers: { 'x-user': 'ada' } })
    await ask({ headers: { 'x-user': 'bob' } })
    expect((await auditsOf(events))[0]).to.deep.include({ outcome: 'stale', fields: ['for'] })
  })

  it('find a row that is gone, by the status', async () => {
    let isGone = false
    const handler: RequestHandler = (_req, res) =>
      void (isGone ? res.status(404).json({}) : res.json({ id: 1 }))
    const { events, ask } = await serve({ handler })
    await ask()
    isGone = true
    await ask()
    expect((await auditsOf(events))[0]).to.deep.include({ outcome: 'stale', fields: ['(status)'] })
  })

  for (const rule of [{ mark: 'cached' }, { compress: true }] satisfies CacheableOptions[]) {
    it(`compare neither ignored fields nor what the cache adds (${JSON.stringify(rule)})`, async () => {
      const filler = 'x'.repeat(5_000)
      let calls = 0
      const handler: RequestHandler = (_req, res) => void res.json({ generatedAt: ++calls, filler })
      const { events, ask } = await serve({
        ...{ handler, rule },
        options: { audit: { sample: 1, ignore: ['generatedAt'] } },
      })
      await ask()
      for (const [nth, encoding] of ['br', 'identity'].entries()) {
        expect((await ask({ headers: { 'accept-encoding': encoding } })).xCache).to.equal('HIT')
        expect((await auditsOf(events, nth + 1)).at(-1)?.outcome).to.equal('agreed')
      }
      expect(calls).to.equal(3)
    })
  }

  it('say nothing of an entry whose handler fails', async () => {
    let calls = 0
    const handler: RequestHandler = (_req, res) => {
      calls += 1
      if (calls > 1) throw new Error('no database')
      res.json({})
    }
    const { cache, events, ask } = await serve({ handler })
    await ask()
    await ask()
    expect((await auditsOf(events))[0]).to.deep.include({ outcome: 'unclear', reason: 'the handler failed' })
    expect((await ask()).text).to.equal('{}')
    expect(cache.stats().audits).to.deep.include({ lookedAt: 1, unclear: 1 })
  })

  it('are the same request again, behind its authorization', async () => {
    const seen: Pick<Request, 'url' | 'method' | 'headers' | 'ip'>[] = []
    const middleware: RequestHandler = ({ url, method, headers, ip }, res, next) => {
      seen.push({ url, method, headers, ip })
      // The second audit, since the session of its client has ended.
      if (seen.length === 5) res.sendStatus(401)
      else next()
    }
    const { events, ask } = await serve({ handler: (_req, res) => void res.json({}), middleware })
    const init = { headers: { 'x-tenant': 'a', 'if-none-match': 'W/"1"', authorization: 'Bearer 1' } }
    await ask(init)
    await ask(init)
    await auditsOf(events)
    const { 'if-none-match': _, ...headers } = seen[1]?.headers ?? {}
    expect(seen[2]).to.deep.equal({ ...seen[1], headers })
    await ask(init)
    expect((await auditsOf(events, 2))[1]).to.deep.include({
      ...{ outcome: 'unclear', reason: 'it did not come to its route again' },
    })
  })

  it('leave alone what a hit would not repeat: HEAD, new cookies and routes that write', async () => {
    let calls = 0
    const count: RequestHandler = (_req, res) => void res.json({ calls: ++calls })
    const { cache, events } = makeCache({ audit: AUDIT })
    const app = quietExpress()
    app.get('/head', cache.cacheable('head', 600), count)
    app.get('/writes', cache.cacheable('writes', 600), cache.evict('other'), count)
    const cookie: RequestHandler = (_req, res, next) => {
      if (calls > 0) res.cookie('once', String(calls))
      next()
    }
    app.get('/cookie', cookie, cache.cacheable('cookie', 600), count)
    app.get('/other', cache.cacheable('other', 600), count)
    await cache.ready(app)
    const url = await listen(app)
    for (const path of ['cookie', 'head', 'writes']) {
      calls = 0
      await answerOf(`${url}/${path}`)
      const { xCache } = await answerOf(`${url}/${path}`, { method: path === 'head' ? 'HEAD' : 'GET' })
      expect(xCache, path).to.equal('HIT')
    }
    const audits = await auditsOf(events)
    expect(audits).to.have.length(1)
    expect(audits[0]).to.deep.include({ key: 'writes', outcome: 'skipped', reason: 'its route writes' })
    expect(calls).to.equal(1)
  })

  it('look at hits that are answered ahead of the application', async () => {
    let name = 'Ada'
    const { events, ask } = await serve({
      ...{ handler: (_req, res) => void res.json({ name }), rule: { visibility: 'public' }, isFronted: true },
      options: { memory: { maxBytes: 1_000_000, maxAgeMs: 10_000 } },
    })
    await until('the front to have learned', async () => {
      await ask()
      return (await ask()).headers.get('x-cache') === 'HIT'
    })
    for (let turn = 0; turn < 5; turn += 1) {
      await ask()
      await until('the audit', () => events.at(-1)?.type === 'audit')
    }
    name = 'Bob'
    await ask()
    const stale = () => events.find((event) => event.type === 'audit' && event.outcome === 'stale')
    await until('a stale entry', () => stale() !== undefined)
    expect(stale()).to.deep.include({ key: 'row:1', fields: ['name'] })
  })

  it('look at values of functions, and run those for nobody', async () => {
    let rate = 1
    const { cache, events } = makeCache({ audit: AUDIT })
    await cache.ready()
    const load = async () => {
      cache.tag(`rate:${rate}`)
      return { rate }
    }
    const ask = () => cache.wrap('rates:eur', 600, load)
    await ask()
    await ask()
    expect((await auditsOf(events))[0]?.outcome).to.equal('agreed')
    rate = 2
    expect(await ask()).to.deep.equal({ rate: 1 })
    expect((await auditsOf(events, 2))[1]).to.deep.include({ outcome: 'stale', fields: ['rate'] })
    expect(cache.audits()[0]).to.deep.include({ rule: 'cache.wrap', key: 'rates:eur', tags: ['rate:1'] })
    expect(await ask()).to.deep.equal({ rate: 1 })
  })

  it('say nothing of values whose function fails', async () => {
    const { cache, events } = makeCache({ audit: AUDIT })
    await cache.ready()
    await cache.set('rates:eur', 1, 600)
    await cache.wrap('rates:eur', 600, () => {
      throw new Error('no rates')
    })
    expect((await auditsOf(events))[0]).to.deep.include({ outcome: 'unclear', reason: 'the function failed' })
  })

  it('are in no statistics of a cache without them', async () => {
    const { cache, events, ask } = await serve({
      handler: (_req, res) => void res.json({}),
      options: { audit: undefined },
    })
    await ask()
    expect((await ask()).xCache).to.equal('HIT')
    expect(cache.stats()).not.to.have.property('audits')
    expect(cache.audits()).to.deep.equal([])
    expect(events.some(({ type }) => type === 'audit')).to.equal(false)
  })
})
