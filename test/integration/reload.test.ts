import 'reflect-metadata'
import { Socket } from 'node:net'
import { expect } from 'chai'
import type { Request, RequestHandler } from 'express'
import { Cacheable, type CacheableOptions, type CacheEvent } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { Get, JsonController, Param } from 'routing-controllers'
import { type Answer, answerOf } from '../support/answer-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { type Gate, gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'

const TTL = '100ms'
const GRACE: CacheableOptions = { staleWhileRevalidate: 60 }
const FIRST = '{"load":1}'

onEachStore('reloads', (makeCache) => {
  const { random } = Math
  afterEach(() => {
    Math.random = random
  })
  const listen = serversOfSuite()

  interface SetUp {
    readonly version?: (typeof EXPRESS_VERSIONS)[number]
    readonly options?: CacheableOptions
    readonly ttl?: string
    /** Before the route. */
    readonly middleware?: RequestHandler
    /** What a load after the first answers. */
    readonly answer?: RequestHandler
  }

  async function serve({ version, options = GRACE, ttl = TTL, middleware, answer }: SetUp = {}) {
    const { cache, events } = makeCache()
    const loaded: Request[] = []
    let closed: Gate | undefined
    const { express, createApp } = version ?? (EXPRESS_VERSIONS[0] as NonNullable<typeof version>)
    const router = express.Router()
    router.get(
      '/rows/:id',
      cache.cacheable('row:{id}:{query.q|none}', ttl, options),
      async (req, res, next) => {
        const load = loaded.push(req)
        await closed?.wait
        if (load > 1 && answer) answer(req, res, next)
        else res.json({ load })
      },
    )
    router.put('/rows/:id', cache.evict('row:*'), (_req, res) => void res.json({}))
    const app = createApp()
    if (middleware) app.use(middleware)
    // Mounted, as in an application of some size.
    const mounted = express()
    mounted.use(router)
    app.use('/api', mounted)
    await cache.ready(app)
    const url = await listen(app)
    const ask = (path = '/rows/1', init?: RequestInit): Promise<Answer> => answerOf(`${url}/api${path}`, init)
    const told = (type: CacheEvent['type']) => events.filter((event) => event.type === type).length
    return {
      cache,
      loaded,
      told,
      ask,
      /** Keeps loads from ending. @returns What lets them. */
      hold(): () => void {
        const held = gate()
        closed = held
        return () => {
          closed = undefined
          held.open()
        }
      },
      stale: (path?: string, init?: RequestInit) =>
        until('a stale answer', async () => (await ask(path, init)).xCache === 'STALE'),
    }
  }

  for (const version of EXPRESS_VERSIONS) {
    it(`are behind the stale answer, one for all who come (${version.name})`, async () => {
      const { ask, hold, stale, loaded, told, cache } = await serve({ version })
      expect((await ask()).text).to.equal(FIRST)
      const letGo = hold()
      await stale()
      for (let turn = 0; turn < 5; turn++) {
        const { xCache, text } = await ask()
        expect([xCache, text]).to.deep.equal(['STALE', FIRST])
      }
      await until('the reload to begin', () => loaded.length === 2)
      letGo()
      await until('the reload to end', () => told('fill') === 2)
      expect((await ask()).text).to.equal('{"load":2}')
      const { hits, misses, bypasses } = cache.stats()
      expect({ hits, misses, bypasses }).to.deep.equal({
        hits: told('hit') + told('stale'),
        misses: 1,
        bypasses: 0,
      })
    })
  }

  it('are the same request again, without what would keep the answer from being whole', async () => {
    const seen: Request[] = []
    const middleware: RequestHandler = (req, _res, next) => {
      seen.push(req)
      next()
    }
    const { ask, stale, loaded, told } = await serve({ middleware })
    const { headers } = await ask('/rows/1?q=a')
    const init = {
      headers: {
        'x-tenant': 'a',
        'if-none-match': headers.get('etag') as string,
        'cache-control': 'max-age=0',
      },
    }
    await until('a stale answer', async () => (await ask('/rows/1?q=a', init)).xCache === 'STALE')
    await until('the reload', () => told('fill') === 2)
    const again = loaded[1] as Request
    expect(again.originalUrl).to.equal('/api/rows/1?q=a')
    expect(again.params).to.deep.equal({ id: '1' })
    expect(again.get('x-tenant')).to.equal('a')
    expect(again.get('if-none-match')).to.equal(undefined)
    expect(again.ip).to.match(/127\.0\.0\.1$/)
    expect(seen).to.include(again)
    await stale('/rows/1?q=a')
  })

  it('store nothing that an eviction has overtaken, which takes the stale answer too', async () => {
    const { ask, hold, stale, loaded, told } = await serve()
    await ask()
    const letGo = hold()
    await stale()
    await until('the reload to begin', () => loaded.length === 2)
    await ask('/rows/1', { method: 'PUT' })
    const next = ask()
    await until('a new load', () => loaded.length === 3)
    letGo()
    expect([(await next).xCache, (await next).text]).to.deep.equal(['MISS', '{"load":3}'])
    await until('the refusal', () => told('fill-refused') === 1)
    expect((await ask()).text).to.not.equal('{"load":2}')
  })

  const failures: [what: string, setUp: SetUp][] = [
    ['answers 500', { answer: (_req, res) => void res.status(500).json({}) }],
    ['answers 404', { answer: (_req, res) => void res.status(404).json({}) }],
    ['throws', { answer: (_req, _res, next) => next(new Error('down')) }],
    ['sets a cookie', { answer: (_req, res) => void res.cookie('a', '1').json({}) }],
    ['breaks off', { answer: (_req, res) => void res.destroy() }],
    ['is not let through to its route', { middleware: refuseWhereNobodyWaits }],
  ]
  for (const [what, setUp] of failures) {
    it(`leave the stale answer as it is if one ${what}`, async () => {
      const { ask, stale, told } = await serve(setUp)
      await ask()
      await stale()
      for (let turn = 0; turn < 20; turn++) {
        const { status, text } = await ask()
        expect([status, text]).to.deep.equal([200, FIRST])
      }
      expect(told('fill')).to.equal(1)
    })
  }

  it("close nobody's connection, and know what was known of the client", async () => {
    const sockets: Socket[] = []
    const { stale, loaded, told } = await serve({
      answer: (req, res) => {
        sockets.push(req.socket)
        res.write('part')
        req.socket.destroy()
      },
    })
    await stale()
    await until('the reload to fail', () => told('not-stored') === 1)
    const [first, again] = loaded as [Request, Request]
    expect(again.socket).not.to.equal(first.socket)
    expect([first.socket.destroyed, again.socket.destroyed]).to.deep.equal([false, true])
    expect(again.socket.remoteAddress).to.equal(first.socket.remoteAddress)
  })

  it('are tried again after one has failed', async () => {
    let fails = true
    const { ask, stale, told } = await serve({
      answer: (_req, res) => void res.status(fails ? 500 : 200).json({ load: 'later' }),
    })
    await ask()
    await stale()
    for (let turn = 0; turn < 5; turn++) await ask()
    fails = false
    await until('a reload that works', async () => (await ask()) && told('fill') >= 2)
    expect((await ask()).text).to.equal('{"load":"later"}')
  })

  it('are stored compressed where the rule wants that', async () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `Customer ${id}` }))
    const { ask, stale, told } = await serve({
      options: { ...GRACE, compress: true },
      answer: (_req, res) => void res.json(rows),
    })
    await ask()
    await stale()
    await until('the reload', () => told('fill') === 2)
    expect(JSON.parse((await ask()).text)).to.deep.equal(rows)
  })

  it('are waited for once the answer is too old, and where it says that it must be fresh', async () => {
    const { ask, stale } = await serve({
      options: { staleWhileRevalidate: '300ms', staleIfError: 60 },
      answer: (_req, res) => void res.set('Cache-Control', 'must-revalidate').json({ load: 'later' }),
    })
    await ask()
    await stale()
    await until('the reload', async () => (await ask()).text === '{"load":"later"}')
    // From now on the answer itself forbids to be served stale.
    for (let turn = 0; turn < 10; turn++) expect((await ask()).xCache).to.be.oneOf(['HIT', 'MISS'])
  })

  it('are not behind the answer of a POST, whose body has been read', async () => {
    const { cache } = makeCache()
    let loads = 0
    const app = quietExpress().use(EXPRESS_VERSIONS[0]?.express.json() as RequestHandler)
    app.post('/search', cache.cacheable('search:{body.q}', TTL, GRACE), (_req, res) => {
      res.json({ load: ++loads })
    })
    await cache.ready(app)
    const url = await listen(app)
    const headers = { 'content-type': 'application/json' }
    const search = () => answerOf(`${url}/search`, { method: 'POST', headers, body: '{"q":"a"}' })
    expect((await search()).xCache).to.equal('MISS')
    await until('a reload', async () => (await search()).xCache === 'MISS')
    expect(loads).to.equal(2)
  })

  it('stand in for nothing: a stale answer takes the place of a request that fails', async () => {
    let fails = false
    const { ask } = await serve({
      options: { staleIfError: 60 },
      answer: (_req, res) => void res.status(fails ? 500 : 200).json({ load: 'later' }),
    })
    await ask()
    fails = true
    await until('the TTL to end', async () => (await ask()).xCache === 'STALE')
    const { status, text } = await ask()
    expect([status, text]).to.deep.equal([200, FIRST])
  })

  it('reach routes of routing-controllers, past who may have the answer', async () => {
    const { cache, events } = makeCache()
    let loads = 0
    @JsonController('/rows')
    class Rows {
      @Get('/:id')
      @Cacheable('row:{id}', TTL, GRACE)
      get(@Param('id') id: number) {
        return { id, load: ++loads }
      }
    }
    const app = quietExpress()
    registerControllers(app, cache, { controllers: [Rows] })
    await cache.ready()
    const url = await listen(app)
    const ask = () => answerOf(`${url}/rows/1`)
    await ask()
    await until('a stale answer', async () => (await ask()).xCache === 'STALE')
    await until('the reload', () => events.filter(({ type }) => type === 'fill').length === 2)
    expect(JSON.parse((await ask()).text).load).to.equal(2)
  })

  describe('ahead of the end of the TTL', () => {
    it('are behind hits once they are due, one at a time', async () => {
      const { ask, hold, loaded, told } = await serve({ options: { refreshAhead: true }, ttl: '2s' })
      const letFirstGo = hold()
      const [first, startedAt] = [ask(), performance.now()]
      await until('a load that has taken some time', () => performance.now() > startedAt + 100)
      letFirstGo()
      await first
      expect((await ask()).xCache).to.equal('HIT')
      expect(loaded).to.have.lengthOf(1)
      // The luck of XFetch, as bad as can be: due however much is left.
      Math.random = () => 1 - Number.EPSILON / 2
      const letGo = hold()
      await until('a reload', async () => (await ask()).xCache === 'HIT' && loaded.length === 2)
      for (let turn = 0; turn < 5; turn++) expect((await ask()).text).to.equal(FIRST)
      expect(loaded).to.have.lengthOf(2)
      Math.random = random
      letGo()
      await until('its end', () => told('fill') === 2)
      expect([(await ask()).xCache, (await ask()).text]).to.deep.equal(['HIT', '{"load":2}'])
    })

    it('are not made unless asked for', async () => {
      const { ask, loaded } = await serve({ options: {}, ttl: '60s' })
      await ask()
      Math.random = () => 1 - Number.EPSILON / 2
      for (let turn = 0; turn < 5; turn++) expect((await ask()).xCache).to.equal('HIT')
      expect(loaded).to.have.lengthOf(1)
    })
  })
})

/** As an authorization whose time is over by then. A reload has no socket. */
function refuseWhereNobodyWaits(...[, res, next]: Parameters<RequestHandler>): void {
  if (res.socket instanceof Socket) next()
  else res.status(401).json({})
}
