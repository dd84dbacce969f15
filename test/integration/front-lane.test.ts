import 'reflect-metadata'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { RequestHandler, Response } from 'express'
import {
  type Cache,
  Cacheable,
  type CacheableOptions,
  type FrontHit,
  type FrontOptions,
} from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { Get, HeaderParam, JsonController, Param } from 'routing-controllers'
import { answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

const PUBLIC = { visibility: 'public' } as const

onEachStore('the front lane', (makeCache) => {
  const listen = serversOfSuite()
  let cache: Cache

  interface SetUp {
    readonly options?: CacheableOptions
    readonly front?: FrontOptions
    /** Before the route. */
    readonly middleware?: RequestHandler
    readonly key?: string
    /** Part of each answer. */
    readonly text?: string
    /** Ahead of the lane. */
    readonly ahead?: (res: ServerResponse, req: IncomingMessage) => void
  }

  /** What the application has seen, and what it answers. */
  async function serve({
    options = PUBLIC,
    front,
    middleware,
    key = 'row:{id}:{query.q|none}',
    text,
    ahead = () => {},
  }: SetUp = {}) {
    const made = makeCache()
    cache = made.cache
    let seen = 0
    let version = 1
    const app = quietExpress()
    app.use((_req, _res, next) => {
      seen += 1
      next()
    })
    if (middleware) app.use(middleware)
    app.get('/rows/:id', cache.cacheable(key, 60, options), (req, res) => {
      res.json({ id: req.params.id, q: req.query.q, version, text })
    })
    app.put('/rows/:id', cache.evict('row:*'), (_req, res) => {
      version += 1
      res.json({})
    })
    await cache.ready(app)
    const lane = cache.front(app, front)
    const url = await listen((req, res) => {
      ahead(res, req)
      lane(req, res)
    })
    return {
      events: made.events,
      seen: () => seen,
      ask: (path: string, init?: RequestInit) => answerOf(url + path, init),
      /** Whether the application sees such a request, after it could have been learned. */
      async isSeen(path: string, init?: RequestInit): Promise<boolean> {
        for (let turn = 0; turn < 4; turn++) await answerOf(url + path, init)
        const before = seen
        await answerOf(url + path, init)
        return seen > before
      },
    }
  }

  it('gives what the application gave, without its seeing the request', async () => {
    const { ask, seen } = await serve({
      middleware: (_req, res, next) => {
        res.set('X-Frame-Options', 'DENY')
        next()
      },
    })
    const answers = []
    const begunAt = performance.now()
    for (let turn = 0; turn < 6; turn++) answers.push(await ask('/rows/1?q=a'))
    const tookSeconds = (performance.now() - begunAt) / 1_000
    // A miss, and two hits from which it learns.
    expect(seen()).to.equal(3)
    const [miss, ...hits] = answers.map(({ status, text, headers }) => {
      const { date: _date, age, 'cache-status': cacheStatus, ...rest } = Object.fromEntries(headers)
      return { age, cacheStatus, answer: { status, text, headers: rest } }
    })
    const [hit] = hits
    for (const { age, cacheStatus, answer } of hits) {
      expect(answer).to.deep.equal(hit?.answer)
      // What is of the moment is right to the second, of which half is rounded.
      expect(Number(age)).to.be.within(0, tookSeconds + 0.5)
      const ttl = Number(/^express-cacheable;hit;ttl=(\d+)$/.exec(cacheStatus ?? '')?.[1])
      expect(ttl + Number(age)).to.be.within(59, 60)
    }
    const { 'x-cache': _xCache, ...stored } = hit?.answer.headers ?? {}
    expect(miss?.answer).to.deep.include({ status: 200, text: hit?.answer.text })
    expect(miss?.answer.headers).to.deep.include(stored)
    expect(hit?.answer.headers).to.include({ 'x-frame-options': 'DENY', 'x-cache': 'HIT' })
  })

  for (const times of [1, 2_000]) {
    it(`gives text of all scripts byte for byte, ${times} times over`, async () => {
      const text = 'aé€漢😀'.repeat(times)
      const { ask, seen } = await serve({ text })
      for (let turn = 0; turn < 5; turn++)
        expect(JSON.parse((await ask('/rows/1')).text)).to.include({ text })
      expect(seen()).to.equal(3)
    })
  }

  it('tells URLs apart', async () => {
    const { ask, isSeen } = await serve()
    for (const path of ['/rows/1', '/rows/2', '/rows/1?q=a', '/rows/1?q=b']) {
      expect(await isSeen(path)).to.equal(false)
      const { pathname, searchParams } = new URL(path, 'http://host')
      const expected = {
        id: pathname.slice(-1),
        ...(searchParams.has('q') ? { q: searchParams.get('q') } : {}),
      }
      expect(JSON.parse((await ask(path)).text)).to.deep.equal({ ...expected, version: 1 })
    }
  })

  it('serves nothing that was evicted, and learns nothing anew for that', async () => {
    const { ask, isSeen, seen } = await serve()
    expect(await isSeen('/rows/1')).to.equal(false)
    for (let version = 2; version < 6; version++) {
      await ask('/rows/1', { method: 'PUT' })
      const before = seen()
      const after = await ask('/rows/1')
      expect([after.xCache, JSON.parse(after.text).version]).to.deep.equal(['MISS', version])
      const hit = await ask('/rows/1')
      expect([hit.xCache, JSON.parse(hit.text).version]).to.deep.equal(['HIT', version])
      expect(hit.headers.get('etag')).to.equal(after.headers.get('etag'))
      expect(seen() - before).to.equal(1)
    }
  })

  it('answers HEAD and conditions as the application does', async () => {
    const { ask, isSeen, seen } = await serve()
    expect(await isSeen('/rows/1')).to.equal(false)
    const before = seen()
    const whole = await ask('/rows/1')
    const head = await ask('/rows/1', { method: 'HEAD' })
    // What is not in this process is asked for by the application.
    expect(seen() - before).to.equal(cache.status().kind === 'redis' ? 1 : 0)
    const afterHead = seen()
    expect([head.status, head.text, head.headers.get('content-length')]).to.deep.equal([
      200,
      '',
      String(whole.body.length),
    ])
    const etag = whole.headers.get('etag') as string
    // With no Cache-Control, fetch would say no-cache, and mean it.
    const asks = (tag: string) => ({ headers: { 'if-none-match': tag, 'cache-control': 'max-age=0' } })
    const same = await ask('/rows/1', asks(etag))
    expect([same.status, same.text, same.headers.get('etag')]).to.deep.equal([304, '', etag])
    expect(same.headers.get('content-type')).to.equal(null)
    expect((await ask('/rows/1', asks('"other"'))).status).to.equal(200)
    expect(seen()).to.equal(afterHead)
  })

  it('answers where something that returns nothing has been put on writeHead', async () => {
    const { ask, isSeen } = await serve({
      ahead: (res) => {
        const { writeHead } = res
        res.writeHead = function overridden(this: ServerResponse, ...args: unknown[]) {
          Reflect.apply(writeHead, this, args)
        } as never
      },
    })
    expect(await isSeen('/rows/1')).to.equal(false)
    const [whole, head] = [await ask('/rows/1'), await ask('/rows/1', { method: 'HEAD' })]
    expect([whole.status, whole.text]).to.deep.equal([200, '{"id":"1","version":1}'])
    expect([head.status, head.text]).to.deep.equal([200, ''])
  })

  it('keeps nothing of what something on writeHead has written into the head that it got', async () => {
    const { ask, isSeen } = await serve({
      ahead(res, { headers: { team } }) {
        const { writeHead } = res
        res.writeHead = function overridden(this: ServerResponse, status: number, head: object) {
          if (team !== undefined) Object.assign(head, { 'X-Team': team })
          return Reflect.apply(writeHead, this, [status, head])
        } as never
      },
    })
    expect(await isSeen('/rows/1')).to.equal(false)
    for (const method of ['GET', 'HEAD']) {
      const { headers } = await ask('/rows/1', { method, headers: { team: 'a' } })
      expect(headers.get('x-team')).to.equal('a')
      expect((await ask('/rows/1', { method })).headers.get('x-team')).to.equal(null)
    }
  })

  describe('where headers are set ahead of it', () => {
    const ahead = (res: ServerResponse, { headers }: IncomingMessage): void => {
      const { team } = headers
      if (team !== undefined) res.setHeader('X-Team', String(team))
    }
    const by = (team: string): RequestInit => ({ headers: { team } })

    it('answers, and gives those of this response', async () => {
      const { ask, isSeen } = await serve({ ahead })
      expect(await isSeen('/rows/1', by('a'))).to.equal(false)
      expect((await ask('/rows/1', by('a'))).headers.get('x-team')).to.equal('a')
      expect((await ask('/rows/1', by('b'))).headers.get('x-team')).to.equal('b')
      expect((await ask('/rows/1')).headers.get('x-team')).to.equal(null)
    })

    it('gives none of another response', async () => {
      const { ask, isSeen } = await serve({ ahead })
      expect(await isSeen('/rows/1')).to.equal(false)
      expect((await ask('/rows/1', by('a'))).headers.get('x-team')).to.equal('a')
      expect((await ask('/rows/1')).headers.get('x-team')).to.equal(null)
    })

    it('gives what the application makes of them', async () => {
      const middleware: RequestHandler = (_req, res, next) => {
        res.setHeader('X-Of-Team', `of ${res.getHeader('X-Team')}`)
        res.removeHeader('X-Team')
        next()
      }
      const { ask, isSeen } = await serve({ ahead, middleware })
      await isSeen('/rows/1', by('a'))
      for (const team of ['a', 'b', 'a']) {
        const { headers } = await ask('/rows/1', by(team))
        expect([headers.get('x-of-team'), headers.get('x-team')]).to.deep.equal([`of ${team}`, null])
      }
    })

    it('learns in spite of one that names a single response', async () => {
      let count = 0
      const { ask, isSeen } = await serve({
        ahead(res) {
          count += 1
          res.setHeader('X-Request-Id', String(count))
        },
      })
      expect(await isSeen('/rows/1')).to.equal(false)
      const { headers } = await ask('/rows/1')
      expect(headers.get('x-request-id')).to.equal(String(count))
    })
  })

  describe('leaves to the application', () => {
    const requests: [what: string, init: RequestInit][] = [
      ['Authorization', { headers: { authorization: 'Bearer x' } }],
      ['a cookie', { headers: { cookie: 'sid=1' } }],
      ['a cookie beside a harmless one', { headers: { cookie: '_stats=1; sid=1' } }],
      ['a range', { headers: { range: 'bytes=0-1' } }],
    ]
    for (const [what, init] of requests) {
      it(`a request with ${what}, which it does not learn from either`, async () => {
        const { isSeen, ask, seen } = await serve({ front: { harmlessCookies: ['_stats'] } })
        expect(await isSeen('/rows/1', init)).to.equal(true)
        const before = seen()
        await ask('/rows/1')
        expect(seen()).to.equal(before + 1)
        expect(await isSeen('/rows/1')).to.equal(false)
        expect(await isSeen('/rows/1', init)).to.equal(true)
      })
    }

    const rules: [what: string, options: CacheableOptions, key?: string][] = [
      ['are not public', {}],
      ['have a condition', { ...PUBLIC, condition: () => true }],
      ['have a mark', { ...PUBLIC, mark: 'cached' }],
      ['vary', { ...PUBLIC, vary: ['accept-language'] }],
      ['honor Cache-Control', { ...PUBLIC, honorRequestCacheControl: true }],
      ['take their key from a header', PUBLIC, 'row:{id}:{headers.accept}'],
    ]
    for (const [what, options, key = 'row:{id}'] of rules) {
      it(`rules that ${what}`, async () => {
        const { isSeen } = await serve({ options, key })
        expect(await isSeen('/rows/1')).to.equal(true)
      })
    }

    let count = 0
    const headers: [what: string, set: (res: Response) => unknown][] = [
      ['sets a cookie', (res) => res.cookie('sid', '1')],
      ['answers one origin', (res) => res.set('Access-Control-Allow-Origin', 'https://a')],
      ['varies', (res) => res.vary('Origin')],
      ['sets something else each time', (res) => res.set('X-Nonce', String(count++))],
    ]
    for (const [what, set] of headers) {
      it(`routes behind middleware that ${what}`, async () => {
        const { isSeen } = await serve({
          middleware: (_req, res, next) => {
            set(res)
            next()
          },
        })
        expect(await isSeen('/rows/1')).to.equal(true)
      })
    }
  })

  it('takes a request with harmless cookies', async () => {
    const { isSeen } = await serve({ front: { harmlessCookies: ['_stats', '_ad'] } })
    expect(await isSeen('/rows/1', { headers: { cookie: '_stats=1; _ad=a=b' } })).to.equal(false)
  })

  describe('where middleware reads more than the URL', () => {
    const reading: RequestHandler = (req, _res, next) => {
      void [req.ip, req.get('user-agent')]
      next()
    }
    const of = (agent: string) => ({ headers: { 'user-agent': agent } })

    it('answers those who are the same in that', async () => {
      const { isSeen, ask, seen } = await serve({ middleware: reading })
      expect(await isSeen('/rows/1', of('a'))).to.equal(false)
      const before = seen()
      await ask('/rows/1', of('b'))
      expect(seen()).to.equal(before + 1)
    })

    it('answers all, where no answer depends on it', async () => {
      const { isSeen, ask, seen } = await serve({
        middleware: reading,
        front: { harmlessReads: ['User-Agent', 'address'] },
      })
      expect(await isSeen('/rows/1', of('a'))).to.equal(false)
      const before = seen()
      await ask('/rows/1', of('b'))
      // The address of a proxy's client comes by a header.
      await ask('/rows/1', { headers: { 'user-agent': 'c', 'x-forwarded-for': '192.0.2.1' } })
      expect(seen()).to.equal(before)
    })

    it('is harder to please where it reads all headers', async () => {
      const { isSeen } = await serve({
        middleware: (req, _res, next) => {
          JSON.stringify(req.headers)
          next()
        },
      })
      expect(await isSeen('/rows/1')).to.equal(true)
    })
  })

  it('does not replay what belongs to one response', async () => {
    let id = 0
    const { isSeen, ask } = await serve({
      middleware: (_req, res, next) => {
        res.set({ 'X-Request-Id': String(id++), 'RateLimit-Remaining': String(100 - id) })
        next()
      },
    })
    expect(await isSeen('/rows/1')).to.equal(false)
    const { headers } = await ask('/rows/1')
    expect([headers.get('x-request-id'), headers.get('ratelimit-remaining')]).to.deep.equal([null, null])
  })

  it('counts, tells and logs its hits as those of the application', async () => {
    const told: [string | undefined, FrontHit][] = []
    const onFrontHit = ({ url }: IncomingMessage, hit: FrontHit) => told.push([url, hit])
    const { ask, events } = await serve({ front: { onFrontHit } })
    for (let turn = 0; turn < 5; turn++) await ask('/rows/1?q=a')
    expect(cache.stats()).to.deep.include({ hits: 4, misses: 1, requests: 5 })
    expect(events.filter(({ type }) => type === 'hit')).to.have.lengthOf(4)
    const hit = { key: 'row:1:a', status: 200 }
    expect(told).to.deep.equal([
      ['/rows/1?q=a', hit],
      ['/rows/1?q=a', hit],
    ])
  })

  it('leaves to the application a key that routing-controllers takes from a header under a bare name', async () => {
    ;({ cache } = makeCache())
    let seen = 0
    @JsonController()
    class Rows {
      @Get('/rows/:id')
      @Cacheable('row:{id}:{tenant}', 60, PUBLIC)
      get(@Param('id') id: string, @HeaderParam('tenant') tenant: string) {
        return { id, tenant }
      }
      @Get('/plain/:id')
      @Cacheable('plain:{id}', 60, PUBLIC)
      plain(@Param('id') id: string) {
        return { id }
      }
    }
    const app = quietExpress().use((_req, _res, next) => {
      seen += 1
      next()
    })
    registerControllers(app, cache, { controllers: [Rows] })
    await cache.ready()
    const url = await listen(cache.front(app))
    const isSeen = async (path: string) => {
      for (let turn = 0; turn < 4; turn++) await answerOf(url + path, { headers: { tenant: 'a' } })
      const before = seen
      await answerOf(url + path, { headers: { tenant: 'a' } })
      return seen > before
    }
    expect(await isSeen('/rows/1')).to.equal(true)
    expect(await isSeen('/plain/1')).to.equal(false)
  })

  const wrong: [options: object, problem: RegExp][] = [
    [{ harmlessCookies: '_stats' }, /no list of names/],
    [{ harmlessCookies: [1] }, /no list of names/],
    [{ harmlessReads: 'address' }, /harmlessReads is no list of names/],
    [{ onFrontHit: true }, /onFrontHit is true/],
    [{ cookies: [] }, /there is no option 'cookies'/],
  ]
  for (const [options, problem] of wrong) {
    it(`refuses ${JSON.stringify(options)} at start`, () => {
      expect(() => makeCache().cache.front(quietExpress(), options))
        .to.throw(problem)
        .with.property('code', 'E_CACHE_OPTION')
    })
  }

  it('is one for each cache', async () => {
    await serve()
    expect(() => cache.front(quietExpress()))
      .to.throw()
      .with.property('code', 'E_CACHE_OPTION')
  })

  it('remembers no more than so many URLs, nor very long ones', async () => {
    const { isSeen } = await serve({ key: 'row:{id}' })
    expect(await isSeen(`/rows/1?q=${'a'.repeat(1_900)}`)).to.equal(false)
    expect(await isSeen(`/rows/1?q=${'a'.repeat(2_100)}`)).to.equal(true)
  })
})
