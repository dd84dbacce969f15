import 'reflect-metadata'
import { Controller, Get as NestGet, Param as NestParam, ParseIntPipe } from '@nestjs/common'
import { expect } from 'chai'
import type { Express, NextFunction, Request, Response } from 'express'
import {
  type Cache,
  Cacheable,
  type CacheEvent,
  createCache,
  type ExplainQuestion,
  type Explanation,
} from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { CurrentUser, Get, JsonController, Param, QueryParam } from 'routing-controllers'
import * as v from 'valibot'
import { partsOf } from '#src/cache-parts.js'
import { Random } from '../consistency/random.js'
import { EXPRESS_VERSIONS, type ExpressVersion } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { startNest } from '../support/nest-app.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

const REQUESTS = 120
const STALE_ENTRY = 1
const STALE_QUESTION: ExplainQuestion = { method: 'GET', url: '/stale/0', headers: { host: '127.0.0.1' } }

interface User {
  readonly id: string
  readonly team: string
}

/** Who is signed in, by a header, as an application would find out by a token. */
function signIn(req: Request, _res: Response, next: NextFunction): void {
  const id = req.get('x-user')
  if (id !== undefined) Object.assign(req, { user: userNamed(id) })
  next()
}

function userNamed(id: string): User {
  return { id, team: `team-${id.length}` }
}

const answer = (req: Request, res: Response) => void res.json({ at: req.originalUrl, list: [1, 2] })

/** Routes with all that a request can meet on its way. */
function mountRoutes(app: Express, cache: Cache, { express, name }: ExpressVersion): void {
  const rest = name === 'Express 5' ? '*rest' : '*'
  app.use(signIn)
  app.get('/items/:id', cache.cacheable('item:{id}', 60), answer)
  app.get('/pages', cache.cacheable('pages:{query.page|1}:{query.q}', 60), answer)
  app.get('/mine', cache.cacheable('mine:{user.id}', 60, { visibility: 'user' }), answer)
  app.get('/perhaps-mine', cache.cacheable('perhaps:{user.id|none}', 60, { visibility: 'user' }), answer)
  app.get(
    '/even',
    cache.cacheable('even:{query.n|0}', 60, { condition: (req) => Number(req.query.n) % 2 === 0 }),
    answer,
  )
  app.get('/throws', cache.cacheable('throws', 60, { condition: (req) => Object(req.query.n).x.y }), answer)
  app.get(
    '/spoken',
    cache.cacheable('spoken:{query.n|0}', 60, { vary: ['accept-language'], version: 2 }),
    answer,
  )
  app.get('/fresh', cache.cacheable('fresh', 60, { honorRequestCacheControl: true }), answer)
  app.get('/few/:id', cache.cacheable('few:{id}', 60, { maxKeys: 2 }), answer)
  app.get('/stale/:id', cache.cacheable('stale:{id}', 60, { staleWhileRevalidate: 60 }), answer)
  app.get('/old/:id', cache.cacheable('old:{id}', 60, { staleIfError: 60 }), answer)
  app.get('/whole', cache.cacheable('whole:{url}', 60), answer)
  app.get(`/parts/${rest}`, cache.cacheable('parts:{query.n|0}', 60), answer)
  app.get(
    '/shaped',
    cache.cacheable('shaped', 60, { schema: v.object({ list: v.array(v.number()) }) }),
    answer,
  )
  app.get(
    '/made',
    cache.cacheable((req) => ['made', req.query.a, req.get('x-b') ?? 'none'], 60, { keys: 'made:*' }),
    answer,
  )
  app.get(
    '/never',
    cache.cacheable('never', 60),
    (_req, res) => void res.set('Cache-Control', 'no-store').json(1),
  )
  app.get('/plain', answer)
  app.post('/search', cache.cacheable('search:{body.q|none}', 60), answer)
  const inner = express.Router({ mergeParams: true })
  inner.get('/list/:page', cache.cacheable('list:{team}:{page}', 60), answer)
  app.use('/teams/:team', inner)
  app.use('/assets', cache.cacheable('assets:{url}', 60))
  app.get('/assets/:name', answer)
  app.put('/items/:id', cache.evict('item:{id}'), answer)
}

@JsonController('/rooms')
class RoomController {
  @Get('/:id')
  @Cacheable('room:{id}:{page|1}:{user.team|none}', 60)
  room(@Param('id') id: number, @QueryParam('page') page: number, @CurrentUser() user: User) {
    return { id, page: page ?? 1, team: user?.team ?? null }
  }
}

function randomQuestion(random: Random): ExplainQuestion {
  const n = random.below(3)
  const url = random.oneOf([
    ...[`/items/${n}`, `/items/a%3Ab${n}`, `/items/${'x'.repeat(random.oneOf([3, 1_100]))}`],
    ...['/pages', `/pages?q=${n}`, `/pages?page=2&q=${n}`, `/pages?q=a&q=b`, '/pages?page=&q=1'],
    ...['/mine', '/perhaps-mine', `/even?n=${n}`, '/even', '/throws', `/throws?n=${n}`, `/spoken?n=${n}`],
    ...[
      '/fresh',
      '/fresh',
      `/few/${random.below(5)}`,
      `/few/${n}`,
      `/stale/${n}`,
      `/stale/${n}`,
      `/old/${n}`,
    ],
    ...[`/whole?b=${n}&a=1`, `/parts/x/${n}?n=${n}`, '/shaped', `/made?a=${n}`, '/made', '/never', '/plain'],
    ...[`/teams/t${n}/list/${n}`, `/assets/${n}.css`, `/rooms/${n}`, `/rooms/0${n}?page=${n}`, '/nowhere'],
  ])
  const headers: Record<string, string> = { host: '127.0.0.1', 'accept-language': 'fr' }
  const some = (name: string, values: readonly string[], chance = 0.2) => {
    if (random.chance(chance)) headers[name] = random.oneOf(values)
  }
  some('accept-language', ['de', 'en', ''])
  some('x-b', ['1', '2'])
  some('range', ['bytes=0-1'], 0.05)
  some('cache-control', ['no-cache', 'no-store', 'max-age=0', 'max-age=60'])
  const who = random.chance(0.4) ? random.oneOf(['ann', 'bob']) : undefined
  if (who !== undefined) headers['x-user'] = who
  const method = random.chance(0.12) ? random.oneOf(['HEAD', 'HEAD', 'OPTIONS']) : 'GET'
  return { method, url, headers, ...(who !== undefined && { user: userNamed(who) }) }
}

onEachStore('cache.explain', (makeCache) => {
  const serve = serversOfSuite()

  for (const version of EXPRESS_VERSIONS.slice(0, 2)) {
    it(`says what the next request gets (${version.name})`, async () => {
      const seed = Math.floor(Math.random() * 2 ** 32)
      const random = new Random(seed)
      const { cache, events } = makeCache({ watchIdentity: false })
      const app = version.createApp()
      mountRoutes(app, cache, version)
      registerControllers(app, cache, {
        controllers: [RoomController],
        currentUserChecker: ({ request }) => request.user,
        defaultErrorHandler: false,
      })
      await cache.ready()
      const url = await serve(app)
      const seen = new Map<string, number>()
      for (let nth = 0; nth < REQUESTS; nth += 1) {
        await disturb(cache, nth === 0 ? STALE_ENTRY : random.below(8), random)
        const question = nth === 0 ? STALE_QUESTION : randomQuestion(random)
        const reloads = count(events, 'reload')
        const [explained] = await cache.explain(question, app)
        const { method, headers } = question
        const response = await fetch(url + question.url, { method, headers: headers ?? {} })
        await response.arrayBuffer()
        const real = response.headers.get('x-cache') ?? 'NONE'
        const said = explained?.next.xCache ?? 'NONE'
        const because = `seed ${seed}, request ${nth}: ${JSON.stringify(question)}: ${JSON.stringify(explained)}`
        if (said !== 'UNKNOWN') expect(real, because).to.equal(said)
        if (said === 'BYPASS') expect(response.headers.get('cache-status'), because).to.contain('detail')
        seen.set(said, (seen.get(said) ?? 0) + 1)
        if (said === 'STALE') await until('the reload', () => count(events, 'reload') > reloads)
      }
      // Of so many requests each kind is among them, whatever the seed.
      for (const kind of ['HIT', 'MISS', 'BYPASS', 'STALE', 'NONE']) {
        expect(seen.get(kind), `seed ${seed}: ${kind} of ${JSON.stringify([...seen])}`).to.be.greaterThan(0)
      }
      expect(seen.has('UNKNOWN'), `seed ${seed}`).to.equal(false)
    })
  }

  function count(events: readonly CacheEvent[], type: CacheEvent['type']): number {
    return events.filter((event) => event.type === type).length
  }

  /** What others do in between: they evict, and put what is past its time, or no answer, under keys. */
  async function disturb(cache: Cache, kind: number, random: Random): Promise<void> {
    const n = kind === STALE_ENTRY ? 0 : random.below(3)
    const { store } = partsOf(cache)
    if (kind === 0) await cache.deletePattern('few:*')
    if (kind === STALE_ENTRY) await store.set(`stale:${n}`, Buffer.from('{"list":[]}'), 30_000)
    if (kind === 2) await store.set(`old:${n}`, Buffer.from('{"list":[]}'), 30_000)
    if (kind === 3) await store.set('shaped', Buffer.from('{"list":["x"]}'), 60_000)
    if (kind === 4) await store.set(`item:${n}`, Buffer.from('no answer'), 60_000)
    if (kind === 5) await cache.delete(random.oneOf(['fresh', 'throws', `item:${n}`]))
  }

  async function explained(
    mount: (app: Express, cache: Cache) => void,
    question: Partial<ExplainQuestion>,
    options = {},
  ): Promise<Explanation> {
    const { cache } = makeCache(options)
    const app = quietExpress()
    mount(app, cache)
    await cache.ready(app)
    const [first] = await cache.explain({ method: 'GET', url: '/', ...question })
    return first as Explanation
  }

  const outcomes = ({ steps }: Explanation) => steps.map(({ check, outcome }) => `${check} ${outcome}`)

  it('goes step by step, and says what to do where it stops', async () => {
    const mount = (app: Express, cache: Cache) =>
      void app.get('/', cache.cacheable('list:{query.page}', 60), answer)
    const passing = await explained(mount, { url: '/?page=7' })
    expect(passing).to.deep.include({
      route: 'GET /',
      template: 'list:{query.page}',
      key: 'list:7',
      entry: null,
    })
    expect(outcomes(passing)).to.deep.equal([
      ...['route passes', 'rule passes', 'enabled passes', 'method passes', 'request passes', 'key passes'],
      ...['store passes', 'entry passes'],
    ])
    const stopped = await explained(mount, {})
    expect(stopped.next).to.deep.equal({ xCache: 'BYPASS', because: 'no value for {query.page}' })
    expect(stopped.steps.at(-1)).to.deep.include({ check: 'key', outcome: 'stops' })
    expect(stopped.steps.at(-1)?.mend).to.contain('default')
  })

  it('says what became of the key the last time, and what to do about it', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    app.get('/never', cache.cacheable('never', 60), (_req, res) => void res.cookie('a', 'b').json(1))
    app.get('/items/:id', cache.cacheable('item:{id}', 60, { maxKeys: 9 }), answer)
    app.put('/items/:id', cache.evict('item:{id}'), answer)
    await cache.ready(app)
    const url = await serve(app)
    for (const [method, path] of [
      ['GET', '/never'],
      ['GET', '/items/1'],
      ['PUT', '/items/1'],
    ] as const) {
      await (await fetch(url + path, { method })).text()
    }
    const [never] = await cache.explain({ method: 'GET', url: '/never' })
    expect(never?.steps.at(-1)).to.deep.include({ check: 'last time', detail: 'not stored: Set-Cookie' })
    expect(never?.steps.at(-1)?.mend).to.contain('harmlessCookies')
    const [item] = await cache.explain({ method: 'GET', url: '/items/1' })
    expect(item?.next.xCache).to.equal('MISS')
    expect(item?.steps.at(-1)?.detail).to.equal('removed 1: item:1 by PUT /items/:id')
    expect(item?.steps.find(({ check }) => check === 'maxKeys')?.detail).to.match(/^\d of 9 keys are held$/)
  })

  it('says what lies under the key', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    app.get('/items/:id', cache.cacheable('item:{id}', 60, { tags: ['all'], staleIfError: 10 }), answer)
    await cache.ready(app)
    const url = await serve(app)
    const body = await (await fetch(`${url}/items/1`)).text()
    await until('the fill', async () => (await cache.get('item:1')) !== null)
    const [found] = await cache.explain({ method: 'GET', url: '/items/1' })
    expect(found?.entry).to.deep.include({ key: 'item:1', bytes: body.length, isStale: false, tags: ['all'] })
    expect(found?.entry?.remainingMs).to.be.within(60_000, 70_000)
    expect(found?.entry?.ageMs).to.be.within(0, 10_000)
    expect(found?.next.because).to.contain('fresh for another')
  })

  it('does not make up what only a request can tell', async () => {
    const options = { condition: (req: Request) => Object(Reflect.get(req, 'session')).isGuest }
    const bySession = await explained(
      (app, cache) => void app.get('/', cache.cacheable('list', 60, options), answer),
      {},
    )
    expect(bySession.next).to.deep.equal({
      xCache: 'UNKNOWN',
      because:
        'only the request itself can tell: req.session; otherwise MISS: nothing is stored under the key, so the handler runs',
    })
    expect(outcomes(bySession)).to.include('condition unknown')
    expect(bySession.key).to.equal('list')

    const byBody = await explained(
      (app, cache) => void app.post('/', cache.cacheable('search:{body.q|none}', 60), answer),
      { method: 'POST' },
    )
    expect(byBody).to.deep.include({ key: null })
    expect(byBody.next).to.deep.equal({
      xCache: 'UNKNOWN',
      because: 'only the request itself can tell: req.body',
    })

    const byToken = await explained(
      (app, cache) => void app.get('/', cache.cacheable('mine:{user.id}', 60), answer),
      { headers: { authorization: 'Bearer x' } },
    )
    expect(byToken.next.because).to.equal('only the request itself can tell: req.user')
  })

  it('takes the user of the question where the option `user` cannot tell', async () => {
    const found = await explained(
      (app, cache) => void app.get('/', cache.cacheable('mine:{user.id}', 60), answer),
      { user: { id: 7 } },
      { user: (req: Request) => Reflect.get(req, 'auth') },
    )
    expect(found.key).to.equal('mine:7')
  })

  it('says what a write removes', async () => {
    const found = await explained(
      (app, cache) => {
        app.get('/items/:id', cache.cacheable('item:{id}', 60), answer)
        app.put('/items/:id', cache.evict(['item:{id}', 'item:{body.other}']), answer)
      },
      { method: 'put', url: '/items/7' },
    )
    expect(found.next.xCache).to.equal('NONE')
    expect(found.next.because).to.contain('item:7').and.contain('item:*')
    expect(outcomes(found)).to.deep.equal(['route passes', 'evicts unknown'])
  })

  it('leaves no lease and no event behind', async () => {
    const { cache, events } = makeCache()
    const app = quietExpress()
    app.get('/', cache.cacheable('list', 60), answer)
    await cache.ready(app)
    await cache.explain({ method: 'GET', url: '/' })
    await cache.explain({ method: 'GET', url: '/' })
    expect(events.filter(({ type }) => type !== 'store-up')).to.deep.equal([])
    const url = await serve(app)
    expect((await fetch(url)).headers.get('x-cache')).to.equal('MISS')
  })

  it('refuses what is no question', async () => {
    const { cache } = makeCache()
    for (const wrong of [
      null,
      {},
      { method: 'GET' },
      { method: 'GET', url: 'http://x/' },
      { method: 1, url: '/' },
    ]) {
      expect(() => cache.explain(wrong as ExplainQuestion)).to.throw('E_CACHE_OPTION')
    }
    expect(await cache.explain({ method: 'GET', url: '/nowhere' })).to.deep.equal([])
  })
})

describe('cache.explain without its Redis', () => {
  const serve = serversOfSuite()

  it('says that the store is away, as the next request finds it', async () => {
    const cache = createCache({ redis: 'redis://127.0.0.1:1', logger: recordingLogger() })
    try {
      const app = quietExpress()
      app.get('/', cache.cacheable('list', 60), answer)
      await cache.ready(app)
      const url = await serve(app)
      const [found] = await cache.explain({ method: 'GET', url: '/' })
      expect(found?.next).to.deep.equal({ xCache: 'BYPASS', because: 'store unavailable' })
      expect(found?.steps.at(-1)).to.deep.include({ check: 'store', outcome: 'stops' })
      expect(found?.steps.at(-1)?.detail).to.contain('circuit')
      expect((await fetch(url)).headers.get('x-cache')).to.equal('BYPASS')
    } finally {
      await cache.close()
    }
  })
})

describe('cache.explain in Nest', () => {
  @Controller('shelves')
  class ShelfController {
    @NestGet(':id')
    @Cacheable('shelf:{id}:{query.page|1}', 60)
    shelf(@NestParam('id', ParseIntPipe) id: number) {
      return { id }
    }

    @NestGet('plain/:id')
    plain(@NestParam('id') id: string) {
      return { id }
    }
  }

  it('knows the routes, and what pipes leave as it is', async () => {
    const cache = createCache({ logger: recordingLogger() })
    const nest = await startNest(cache, { controllers: [ShelfController] })
    try {
      const app: object = nest.app.getHttpAdapter().getInstance()
      const ask = async (url: string) => (await cache.explain({ method: 'GET', url }, app))[0]
      for (const xCache of ['MISS', 'HIT']) {
        const found = await ask('/shelves/7?page=2')
        expect(found).to.deep.include({ route: 'GET /shelves/:id', key: 'shelf:7:2' })
        expect(found?.next.xCache).to.equal(xCache)
        const response = await fetch(`${nest.url}/shelves/7?page=2`)
        expect(response.headers.get('x-cache')).to.equal(xCache)
        await response.text()
        await until('the fill', async () => (await cache.get('shelf:7:2')) !== null)
      }
      expect((await ask('/shelves/007'))?.next.because).to.contain('what pipes make of id')
      expect((await ask('/shelves/plain/7'))?.next.xCache).to.equal('NONE')
    } finally {
      await nest.close()
      await cache.close()
    }
  })
})
