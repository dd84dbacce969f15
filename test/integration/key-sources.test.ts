import 'reflect-metadata'
import { Controller, Get as NestGet, Put as NestPut } from '@nestjs/common'
import { expect } from 'chai'
import type { Express, Request, RequestHandler } from 'express'
import {
  type Cache,
  Cacheable,
  type CacheableOptions,
  CacheConfig,
  CacheError,
  CacheEvict,
  type CacheOptions,
  type KeyFunction,
} from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { CurrentUser, Get, JsonController, Put } from 'routing-controllers'
import { type Answer, answerOf } from '../support/answer-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { startNest } from '../support/nest-app.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'

/** What middleware leaves on requests, as the header `x-<name>` says it in JSON. */
type Left = Partial<Record<'auth' | 'session' | 'user' | 'cookies' | 'locals', unknown>>

const leave: RequestHandler = (req, res, next) => {
  for (const name of ['auth', 'session', 'user', 'cookies'] as const) {
    const text = req.get(`x-${name}`)
    if (text !== undefined) Object.defineProperty(req, name, { value: JSON.parse(text), configurable: true })
  }
  Object.assign(res.locals, JSON.parse(req.get('x-locals') ?? '{}'))
  next()
}

function headersOf(left: Left): Record<string, string> {
  return Object.fromEntries(Object.entries(left).map(([name, value]) => [`x-${name}`, JSON.stringify(value)]))
}

/** What express-jwt leaves. */
function subOf(req: Request): unknown {
  return (req as Request & { auth?: { sub?: unknown } }).auth?.sub
}

onEachStore('a key', (makeCache) => {
  const listen = serversOfSuite()

  /** One route that answers how often its handler has run, and a write that evicts. */
  async function serve(
    key: string | KeyFunction,
    {
      options = {},
      cacheOptions = {},
      evict = '*',
      createApp = quietExpress,
    }: {
      readonly options?: CacheableOptions
      readonly cacheOptions?: CacheOptions
      readonly evict?: string
      readonly createApp?: () => Express
    } = {},
  ) {
    const logger = recordingLogger()
    const { cache, events } = makeCache({ logger, ...cacheOptions })
    let runs = 0
    const app = createApp().use(leave)
    app.get('/rows', cache.cacheable(key as string, 60, options), (_req, res) => {
      runs += 1
      res.json({ runs })
    })
    app.put('/rows', cache.evict(evict), (_req, res) => {
      res.json({})
    })
    await cache.ready(app)
    const url = await listen(app)
    const ask = (
      left: Left = {},
      init: RequestInit & { headers?: Record<string, string> } = {},
      path = '/rows',
    ) => answerOf(url + path, { ...init, headers: { ...headersOf(left), ...init.headers } })
    const states = async (...all: Left[]) => {
      const seen: (string | null)[] = []
      for (const left of all) seen.push((await ask(left)).xCache)
      return seen
    }
    return { app, cache, events, logger, url, ask, states, runs: () => runs }
  }

  for (const [source, key, one, other] of [
    ['auth', 'row:{auth.sub}', { auth: { sub: 'a' } }, { auth: { sub: 'b' } }],
    ['session', 'row:{session.user.id}', { session: { user: { id: 1 } } }, { session: { user: { id: 2 } } }],
    ['locals', 'row:{locals.tenant}', { locals: { tenant: 'a:b' } }, { locals: { tenant: 'a%3Ab' } }],
    ['cookies', 'row:{cookies.sid}', { cookies: { sid: 'x' } }, { cookies: { sid: 'y' } }],
    ['user', 'row:{user}', { user: 'ada' }, { user: 'bob' }],
  ] as const) {
    it(`takes values from ${source}, has none without, and is found again by what evicts`, async () => {
      const { states } = await serve(key, { evict: key })
      expect(await states(one, one, other, one, {}, {})).to.deep.equal([
        'MISS',
        'HIT',
        'MISS',
        'HIT',
        'BYPASS',
        'BYPASS',
      ])
    })

    it(`from ${source} goes with a write that has the same there, and no other`, async () => {
      const { ask, states } = await serve(key, { evict: key })
      await states(one, other)
      await ask(one, { method: 'PUT' })
      expect(await states(one, other)).to.deep.equal(['MISS', 'HIT'])
      await ask({}, { method: 'PUT' })
      expect(await states(one, other), 'without a value all go').to.deep.equal(['MISS', 'MISS'])
    })
  }

  for (const { name, createApp } of EXPRESS_VERSIONS) {
    it(`takes {host}, {method} and {url} of the request, the host by trust proxy (${name})`, async () => {
      const { app, cache, url } = await serve('row:{host}:{method}:{url}', { createApp })
      const ask = (host: string) => answerOf(`${url}/rows?b=1&a=2`, { headers: { 'x-forwarded-host': host } })
      await ask('one.example')
      expect((await ask('two.example')).xCache, 'nobody is trusted').to.equal('HIT')
      app.set('trust proxy', true)
      expect((await ask('one.example')).xCache).to.equal('MISS')
      expect((await ask('two.example')).xCache).to.equal('MISS')
      expect((await ask('one.example')).xCache).to.equal('HIT')
      expect(await cache.get('row:one.example:GET:%2Frows%3Fa%3D2%26b%3D1')).to.deep.equal({ runs: 2 })
      const head = await answerOf(`${url}/rows?b=1&a=2`, {
        method: 'HEAD',
        headers: { 'x-forwarded-host': 'one.example' },
      })
      expect(head.xCache, 'HEAD has the answer of GET').to.equal('HIT')
    })
  }

  it('takes a parameter of the route for {method}, and none where an optional one is left out', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    app.get('/by{/:method}', cache.cacheable('by:{method}', 60), (req, res) => {
      res.json({ by: req.params.method ?? null })
    })
    await cache.ready(app)
    const url = await listen(app)
    expect((await answerOf(`${url}/by/GET`)).xCache).to.equal('MISS')
    expect(await answerOf(`${url}/by`)).to.include({ xCache: 'BYPASS', text: '{"by":null}' })
  })

  it('refuses {user} on a route that has a parameter of that name', async () => {
    const { cache } = makeCache()
    const app = quietExpress().use(leave)
    app.get('/profiles/:user', cache.cacheable('profile:{user}', 60), (req, res) => {
      res.json({ of: req.params.user })
    })
    const error = await cache.ready(app).catch((reason: unknown) => reason as CacheError)
    expect(error)
      .to.include({ code: 'E_CACHE_SOURCE' })
      .and.have.property('mend')
      .that.includes('{params.user}')
    const url = await listen(app)
    const init = { headers: headersOf({ user: 'ada' }) }
    expect((await answerOf(`${url}/profiles/bob`, init)).xCache, 'nobody has asked').to.equal('BYPASS')
  })

  describe('of a function', () => {
    const FEED: KeyFunction = (req) => ['feed', subOf(req)]

    it('is its parts, escaped', async () => {
      const { cache, states } = await serve(FEED, { evict: 'feed:{auth.sub}' })
      expect(await states({ auth: { sub: 'a:*' } }, { auth: { sub: 'a:*' } })).to.deep.equal(['MISS', 'HIT'])
      expect(await cache.get('feed:a%3A%2A')).to.deep.equal({ runs: 1 })
      expect(await states({ auth: { sub: 'a' } }, { auth: { sub: 7 } })).to.deep.equal(['MISS', 'MISS'])
    })

    it('is found by patterns that name the same', async () => {
      const { ask, states } = await serve(FEED, { evict: 'feed:{auth.sub}' })
      const [one, other] = [{ auth: { sub: 'a:b' } }, { auth: { sub: 'a' } }]
      await states(one, other)
      await ask(one, { method: 'PUT' })
      expect(await states(one, other)).to.deep.equal(['MISS', 'HIT'])
    })

    it('is none where a part is no value, or there is no part', async () => {
      for (const sub of [undefined, null, '', [1], { a: 1 }]) {
        const { states } = await serve(FEED)
        expect(await states({ auth: { sub } }, { auth: { sub } }), String(sub)).to.deep.equal([
          'BYPASS',
          'BYPASS',
        ])
      }
      const { states } = await serve(() => [])
      expect(await states({})).to.deep.equal(['BYPASS'])
    })

    const faults: [what: string, key: unknown, told: RegExp][] = [
      [
        'throws',
        () => {
          throw new TypeError('no auth')
        },
        /the function of its key threw no auth/,
      ],
      ['gives no list', () => 'feed:7', /gave no list/],
      ['gives a promise', () => Promise.resolve(['feed', 7]), /gave a promise/],
    ]
    for (const [what, key, told] of faults) {
      it(`that ${what} costs the request the cache, and its author one warning`, async () => {
        const { ask, states, logger } = await serve(key as KeyFunction)
        expect((await ask()).text).to.equal('{"runs":1}')
        expect(await states({}, {})).to.deep.equal(['BYPASS', 'BYPASS'])
        expect(logger.at('warn').filter((line) => told.test(line))).to.have.length(1)
        expect(logger.at('error')).to.deep.equal([])
      })
    }

    it('is kept out of the keys of other rules, which it may say nothing of before', async () => {
      const { cache } = makeCache()
      const app = quietExpress()
      let part: unknown[] = ['customer', 7]
      app.get('/customers/:id', cache.cacheable('customer:{id}', 60), (_req, res) => {
        res.json({ customer: true })
      })
      app.get(
        '/any',
        cache.cacheable(() => part, 60),
        (_req, res) => {
          res.json({ any: true })
        },
      )
      await cache.ready(app)
      const url = await listen(app)
      const ask = async (path: string) => {
        const { xCache, text } = await answerOf(url + path)
        return `${xCache} ${text}`
      }
      expect(await ask('/any')).to.equal('BYPASS {"any":true}')
      expect(await ask('/customers/7')).to.equal('MISS {"customer":true}')
      part = ['customers', 7]
      expect(await ask('/any')).to.equal('MISS {"any":true}')
      part = ['other', 7]
      expect(await ask('/any'), 'its first part is fixed').to.equal('BYPASS {"any":true}')
      part = ['customers', 8]
      expect(await ask('/any')).to.equal('MISS {"any":true}')
    })

    it('is kept out of the keys of another function, but not of the same on another route', async () => {
      const { cache } = makeCache()
      const app = quietExpress()
      const shared: KeyFunction = () => ['feed', 1]
      app.get('/one', cache.cacheable(shared, 60), (_req, res) => void res.json(1))
      app.get('/two', cache.cacheable(shared, 60), (_req, res) => void res.json(1))
      app.get(
        '/three',
        cache.cacheable(() => ['feed', 1], 60),
        (_req, res) => void res.json(3),
      )
      await cache.ready(app)
      const url = await listen(app)
      const states: (string | null)[] = []
      for (const path of ['/one', '/two', '/three']) states.push((await answerOf(url + path)).xCache)
      expect(states).to.deep.equal(['MISS', 'HIT', 'BYPASS'])
    })

    it('is known to the checks where the rule says which keys it gives, and has to be one of those', async () => {
      let key: unknown[] = ['feed', 7]
      const set = await serve(() => key, { options: { keys: 'feed:*', maxKeys: 5 }, evict: 'feed:*' })
      expect(await set.states({}, {})).to.deep.equal(['MISS', 'HIT'])
      key = ['food', 7]
      expect(await set.states({})).to.deep.equal(['BYPASS'])
      expect(set.logger.at('warn').some((line) => line.includes(`what 'feed:*' does not cover`))).to.equal(
        true,
      )
      const outcome = await serve(() => key, { options: { keys: 'feed:*' }, evict: 'fed:*' }).catch(
        (reason: unknown) => reason,
      )
      expect(outcome).to.include({ code: 'E_CACHE_PATTERN_UNREACHABLE' })
      const { cache } = makeCache()
      cache.cacheable('feed:{id}', 60)
      cache.cacheable(() => key, 60, { keys: 'feed:*' })
      expect(() => cache.verify())
        .to.throw(CacheError)
        .with.property('code', 'E_CACHE_KEY_OVERLAP')
    })

    it('lets patterns be of which nothing can be known', async () => {
      const { cache } = makeCache()
      cache.cacheable(FEED, 60)
      cache.evict('fed:*')
      cache.verify()
    })

    const refused: [what: string, declare: (cache: Cache) => unknown][] = [
      ['is async', (cache) => cache.cacheable((async () => ['feed']) as unknown as KeyFunction, 60)],
      ['has maxKeys and does not say its keys', (cache) => cache.cacheable(FEED, 60, { maxKeys: 5 })],
      ['says keys with a placeholder', (cache) => cache.cacheable(FEED, 60, { keys: 'feed:{id}' })],
      ['says keys of a template', (cache) => cache.cacheable('feed:{id}', 60, { keys: 'feed:*' })],
      ['stands on a method that has no request', (cache) => cache.methods(new Service())],
      ['has two TTLs', (cache) => cache.cacheable(FEED, 60, { ttl: 60 })],
    ]
    class Service {
      @Cacheable(FEED, 60)
      report() {
        return 1
      }
    }
    for (const [what, declare] of refused) {
      it(`that ${what} is refused`, () => {
        const { cache } = makeCache()
        expect(() => declare(cache))
          .to.throw(CacheError)
          .with.property('code', 'E_CACHE_OPTION')
      })
    }
  })

  describe('of one user’s own answer', () => {
    const USER: CacheOptions = { user: subOf }
    const OWN: CacheableOptions = { visibility: 'user' }

    it('has the user where the cache was told who that is', async () => {
      const { states, cache } = await serve('feed:{user}', { options: OWN, cacheOptions: USER })
      const [ada, bob] = [{ auth: { sub: 'ada' } }, { auth: { sub: 'bob' } }]
      expect(await states(ada, ada, bob, {})).to.deep.equal(['MISS', 'HIT', 'MISS', 'BYPASS'])
      expect(await cache.get('feed:ada')).to.deep.equal({ runs: 1 })
    })

    for (const [what, key] of [
      ['another source', 'feed:{auth.sub}:{query.page|1}'],
      ['a function', (req: Request) => ['feed', subOf(req), 1]],
    ] as const) {
      it(`may take it from ${what} that gives the same, which each request has to show`, async () => {
        const { states } = await serve(key, { options: OWN, cacheOptions: USER })
        const [ada, bob] = [{ auth: { sub: 'ada' } }, { auth: { sub: 'bob' } }]
        expect(await states(ada, ada, bob, {})).to.deep.equal(['MISS', 'HIT', 'MISS', 'BYPASS'])
      })

      it(`has to be told who that is, where it comes from ${what}`, () => {
        const { cache } = makeCache()
        expect(() => cache.cacheable(key as string, 60, OWN))
          .to.throw(CacheError)
          .with.property('code', 'E_CACHE_VISIBILITY')
      })
    }

    it('is none where its other source gives something else', async () => {
      for (const key of ['feed:{auth.role}', (req: Request) => ['feed', 'all', subOf(req)]]) {
        const { states } = await serve(key as string, { options: OWN, cacheOptions: USER })
        const ada = { auth: { sub: 'ada', role: 'admin' } }
        expect(await states(ada, ada)).to.deep.equal(['BYPASS', 'BYPASS'])
      }
    })

    it('may not have two places where the user could stand: a role may be called like a user', () => {
      const { cache } = makeCache(USER)
      expect(() => cache.cacheable('feed:{auth.role}:{auth.sub}', 60, OWN))
        .to.throw(CacheError)
        .with.property('code', 'E_CACHE_VISIBILITY')
    })

    it('may be nobody’s, who is no user of the default’s name, and no user without the field', async () => {
      const { states, cache } = await serve('feed:{user.id|anon}', { options: OWN })
      const [nobody, anon, nameless] = [{}, { user: { id: 'anon' } }, { user: { _id: 1 } }]
      expect(await states(nobody, anon, nobody, anon, nameless, nameless)).to.deep.equal([
        'MISS',
        'MISS',
        'HIT',
        'HIT',
        'BYPASS',
        'BYPASS',
      ])
      expect(() => cache.cacheable('own:{user.id|=anon}', 60, OWN))
        .to.throw(CacheError)
        .with.property('code', 'E_CACHE_VISIBILITY')
    })

    it('is none where the cache cannot tell who it is, also where there is a default', async () => {
      for (const user of [
        () => {
          throw new Error('no session store')
        },
        () => Promise.reject(new Error('late')),
      ]) {
        for (const key of ['feed:{user|anon}', 'feed:{user.id|anon}']) {
          const { states, logger } = await serve(key, { cacheOptions: { user } })
          expect(await states({}, {})).to.deep.equal(['BYPASS', 'BYPASS'])
          expect(
            logger.at('warn').filter((line) => line.includes('option user of createCache()')),
          ).to.have.length(1)
        }
      }
    })
  })

  it('is told in tags as well', async () => {
    const { cache } = makeCache()
    const app = quietExpress().use(leave)
    app.get('/:id', cache.cacheable('row:{id}', 60, { tags: ['author:{auth.sub}'] }), (_req, res) => {
      res.json({})
    })
    app.put('/', cache.evict({ tags: ['author:{auth.sub}'] }), (_req, res) => {
      res.json({})
    })
    await cache.ready(app)
    const url = await listen(app)
    const as = (sub: string) => ({ headers: headersOf({ auth: { sub } }) })
    await answerOf(`${url}/1`, as('ada'))
    await answerOf(`${url}/2`, as('bob'))
    await answerOf(url, { method: 'PUT', ...as('ada') })
    expect((await answerOf(`${url}/1`, as('ada'))).xCache).to.equal('MISS')
    expect((await answerOf(`${url}/2`, as('bob'))).xCache).to.equal('HIT')
  })

  it('works on methods of a controller, with a prefix of its class', async () => {
    @CacheConfig({ keyPrefix: 'crm:', ttl: '60' })
    class Feeds {
      @Cacheable((req) => ['feed', subOf(req)], { visibility: 'user' })
      feed(_req: Request, res: { json(value: unknown): void }) {
        res.json({})
      }
      @CacheEvict('feed:{auth.sub}')
      write(_req: Request, res: { json(value: unknown): void }) {
        res.json({})
      }
    }
    const { cache } = makeCache({ user: subOf })
    const feeds = cache.handlers(new Feeds())
    const app = quietExpress().use(leave).get('/', feeds.feed).put('/', feeds.write)
    await cache.ready(app)
    const url = await listen(app)
    const init = { headers: headersOf({ auth: { sub: 'a/b' } }) }
    const states = [(await answerOf(url, init)).xCache, (await answerOf(url, init)).xCache]
    expect(await cache.get('crm:feed:a%2Fb')).to.deep.equal({})
    await answerOf(url, { method: 'PUT', ...init })
    expect([...states, (await answerOf(url, init)).xCache]).to.deep.equal(['MISS', 'HIT', 'MISS'])
  })

  it('works with routing-controllers, where the cache was told who is signed in', async () => {
    let runs = 0
    @JsonController()
    class Feeds {
      @Get('/feed')
      @Cacheable('feed:{user}:{auth.sub}:{locals.site}', 60)
      feed() {
        return { runs: ++runs }
      }
      @Get('/mine')
      @Cacheable((req) => ['mine', subOf(req)], { ttl: 60, visibility: 'user' })
      mine(@CurrentUser() user: unknown) {
        return { user }
      }
      @Put('/feed')
      @CacheEvict('feed:{user}:*')
      write() {
        return {}
      }
    }
    const { cache } = makeCache({ user: subOf })
    const app = quietExpress().use(leave)
    registerControllers(app, cache, { controllers: [Feeds], currentUserChecker: () => ({ id: 'another' }) })
    await cache.ready(app)
    const url = await listen(app)
    const as = (sub: string, site = 'x') => ({ headers: headersOf({ auth: { sub }, locals: { site } }) })
    const states = async (path: string, ...all: ReturnType<typeof as>[]) => {
      const seen: (string | null)[] = []
      for (const init of all) seen.push((await answerOf(url + path, init)).xCache)
      return seen
    }
    expect(await states('/feed', as('a'), as('a'), as('b'), as('a', 'y'))).to.deep.equal([
      'MISS',
      'HIT',
      'MISS',
      'MISS',
    ])
    expect(await cache.get('feed:a:a:x')).to.deep.equal({ runs: 1 })
    await answerOf(`${url}/feed`, { method: 'PUT', ...as('a') })
    expect(await states('/feed', as('a'), as('b'))).to.deep.equal(['MISS', 'HIT'])
    expect(await states('/mine', as('a'), as('a'), as('b'))).to.deep.equal(['MISS', 'HIT', 'MISS'])
  })

  it('works with Nest, where the cache was told who is signed in', async () => {
    let runs = 0
    @Controller()
    class Feeds {
      @NestGet('feed')
      @Cacheable('feed:{user}:{auth.sub}', 60)
      feed() {
        return { runs: ++runs }
      }
      @NestGet('mine')
      @Cacheable((req) => ['mine', subOf(req)], { ttl: 60, visibility: 'user' })
      mine() {
        return { runs: ++runs }
      }
      @NestPut('feed')
      @CacheEvict('feed:{user}:*')
      write() {
        return {}
      }
    }
    const { cache } = makeCache({ user: subOf })
    const nest = await startNest(cache, {
      controllers: [Feeds],
      options: { keepOpen: true },
      setUp: (app) => app.use(leave),
    })
    const as = (sub: string) => ({ headers: headersOf({ auth: { sub }, user: { id: 'another' } }) })
    const state = async (path: string, sub: string) => (await answerOf(nest.url + path, as(sub))).xCache
    try {
      expect([await state('/feed', 'a'), await state('/feed', 'a'), await state('/feed', 'b')]).to.deep.equal(
        ['MISS', 'HIT', 'MISS'],
      )
      expect(await cache.get('feed:a:a')).to.deep.equal({ runs: 1 })
      await answerOf(`${nest.url}/feed`, { method: 'PUT', ...as('a') })
      expect([await state('/feed', 'a'), await state('/feed', 'b')]).to.deep.equal(['MISS', 'HIT'])
      expect([await state('/mine', 'a'), await state('/mine', 'a'), await state('/mine', 'b')]).to.deep.equal(
        ['MISS', 'HIT', 'MISS'],
      )
    } finally {
      await nest.close()
    }
  })

  it('of what the front cannot know is never answered there', async () => {
    for (const [key, one, other] of [
      ['row:{locals.tenant}', { locals: { tenant: 'a' } }, { locals: { tenant: 'b' } }],
      [
        ((req) => ['row', req.get('x-locals')]) satisfies KeyFunction,
        { locals: { t: 1 } },
        { locals: { t: 2 } },
      ],
    ] as const) {
      const { cache } = makeCache()
      const app = quietExpress().use(leave)
      let seen = 0
      app.use((_req, _res, next) => {
        seen += 1
        next()
      })
      app.get('/', cache.cacheable(key as string, 60, { visibility: 'public' }), (req, res) => {
        res.json({ of: req.get('x-locals') })
      })
      await cache.ready(app)
      const url = await listen(cache.front(app))
      const answers: Answer[] = []
      for (const left of [one, one, one, one, one, other, one]) {
        answers.push(await answerOf(url, { headers: headersOf(left) }))
      }
      expect(seen).to.equal(7)
      expect(answers.map(({ text }) => JSON.parse(JSON.parse(text).of))).to.deep.equal(
        [one, one, one, one, one, other, one].map(({ locals }) => locals),
      )
    }
  })

  it('with {host} is answered by the front for that host alone, by trust proxy', async () => {
    const { cache } = makeCache()
    const app = quietExpress().set('trust proxy', true)
    let seen = 0
    app.use((_req, _res, next) => {
      seen += 1
      next()
    })
    app.get('/', cache.cacheable('row:{host}', 60, { visibility: 'public' }), (req, res) => {
      res.json({ host: req.hostname })
    })
    await cache.ready(app)
    const url = await listen(cache.front(app))
    const hostSeen = async (host: string) => {
      const { text } = await answerOf(url, { headers: { 'x-forwarded-host': host } })
      return JSON.parse(text).host
    }
    for (let turn = 0; turn < 6; turn++) {
      for (const host of ['one.example', 'two.example']) expect(await hostSeen(host)).to.equal(host)
    }
    const before = seen
    for (const host of ['one.example', 'two.example']) expect(await hostSeen(host)).to.equal(host)
    expect(seen, 'both are known by then').to.equal(before)
    expect(await hostSeen('three.example')).to.equal('three.example')
    expect(seen).to.equal(before + 1)
  })

  describe('of a lookup that use() mounts in front of many routes', () => {
    async function mounted(
      options: CacheableOptions,
      cacheOptions: CacheOptions = {},
      key = 'page:{host}:{url}',
    ) {
      const { cache } = makeCache(cacheOptions)
      const app = quietExpress().use(leave)
      app.use(cache.cacheable(key, options))
      app.get('/page', (req, res) => {
        res.json({ for: req.get('authorization') ?? req.get('cookie') ?? null })
      })
      await cache.ready(app)
      const url = await listen(app)
      return async (headers: Record<string, string>) => {
        const { xCache, text } = await answerOf(`${url}/page`, { headers })
        return `${xCache} ${text}`
      }
    }

    it('gives nobody’s answer to who says who asks, nor the other way round', async () => {
      const ask = await mounted({ ttl: '5 minutes' })
      expect(await ask({ authorization: 'ada' })).to.equal('BYPASS {"for":"ada"}')
      expect(await ask({})).to.equal('MISS {"for":null}')
      expect(await ask({})).to.equal('HIT {"for":null}')
      expect(await ask({ authorization: 'ada' })).to.equal('BYPASS {"for":"ada"}')
      expect(await ask({ cookie: 'sid=1' })).to.equal('BYPASS {"for":"sid=1"}')
    })

    it('takes cookies that are harmless for none, and anybody where the rule says so', async () => {
      const harmless = await mounted({ ttl: 60 }, { harmlessCookies: ['_stats'] })
      expect(await harmless({ cookie: '_stats=1' })).to.match(/^MISS/)
      expect(await harmless({ cookie: '_stats=2; sid=1' })).to.match(/^BYPASS/)
      const open = await mounted({ ttl: 60, visibility: 'public' })
      expect(await open({})).to.match(/^MISS/)
      expect(await open({ cookie: 'sid=1' })).to.equal('HIT {"for":null}')
    })

    it('gives each their own where the key names them', async () => {
      const ask = await mounted({ ttl: 60 }, {}, 'page:{url}:{user.id}')
      const as = (id: number) => ({ authorization: `of ${id}`, ...headersOf({ user: { id } }) })
      expect(await ask(as(1))).to.equal('MISS {"for":"of 1"}')
      expect(await ask(as(2))).to.equal('MISS {"for":"of 2"}')
      expect(await ask(as(1))).to.equal('HIT {"for":"of 1"}')
    })
  })
})
