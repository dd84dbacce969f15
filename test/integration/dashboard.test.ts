import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { type Cache, createCache } from 'express-cacheable'
import { cacheDashboard, type DashboardOptions } from 'express-cacheable/dashboard'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'

const AT = '/admin/cache'
const POST = { 'content-type': 'application/json', 'x-express-cacheable': 'dashboard' }

/** An answer of the API, of whatever shape. */
// biome-ignore lint/suspicious/noExplicitAny: assertions say what is in it.
type Json = any

async function ask(url: string): Promise<Json> {
  const response = await fetch(url)
  expect(response.status, url).to.equal(200)
  expect(response.headers.get('cache-control')).to.equal('no-store')
  return response.json()
}

async function post(url: string, body: unknown, headers: Record<string, string> = POST) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, { method: 'POST', headers, body: text })
  return { status: response.status, json: (await response.json()) as Json }
}

function mountRoutes(app: Express, cache: Cache): void {
  app.get('/items/:id', cache.cacheable('item:{id}', 60, { tags: ['all'] }), (req, res) => {
    res.json({ id: req.params.id })
  })
  app.get('/list', cache.cacheable('items:list:{query.page}', 60), (_req, res) => void res.json([1]))
  app.get('/lonely', cache.cacheable('lonely', 60), (_req, res) => void res.json(1))
  app.put('/items/:id', cache.evict(['item:{id}', 'items:list:*']), (_req, res) => void res.json(1))
}

onEachStore('the dashboard', (makeCache) => {
  const serve = serversOfSuite()

  async function started(options: DashboardOptions = {}, app = quietExpress()) {
    const { cache } = makeCache({ name: 'shop' })
    mountRoutes(app, cache)
    app.use(AT, cacheDashboard(cache, options))
    await cache.ready(app)
    const root = await serve(app)
    const request = async (path: string, method = 'GET') => {
      const response = await fetch(root + path, { method })
      await response.arrayBuffer()
      return response.headers.get('x-cache')
    }
    return { cache, root, request, api: `${root}${AT}/api` }
  }

  async function withTraffic(options: DashboardOptions = {}) {
    const found = await started(options)
    const { request, cache } = found
    await request('/items/1')
    await until('the fill', async () => (await cache.get('item:1')) !== null)
    await request('/items/1')
    await request('/list')
    await request('/list?page=2')
    await request('/items/9', 'PUT')
    await request('/items/2')
    await until('the fill', async () => (await cache.get('item:2')) !== null)
    return found
  }

  it('says what the cache has done, by rule and as a map', async () => {
    const { api, cache } = await withTraffic()
    const overview = await ask(`${api}/overview`)
    expect(overview.totals).to.deep.include({ hits: 1, misses: 3, bypasses: 1 })
    expect(overview.settings).to.deep.include({ values: false, removal: false })
    expect(overview.processes.map(({ name }: Json) => name)).to.deep.equal(['shop'])
    expect(overview.hitLatency.count).to.equal(1)
    expect(overview.keys).to.be.within(2, 3)
    expect(overview.store).to.deep.include({ kind: cache.status().kind, available: true, circuit: 'closed' })
    if (cache.redis) {
      expect(overview.redis.version).to.match(/^\d+\./)
      expect(overview.redis.usedMemoryBytes).to.be.greaterThan(0)
      expect(overview.redis.roundTripMs).to.be.greaterThan(0)
    } else expect(overview.redis).to.equal(null)

    const { rules } = await ask(`${api}/rules`)
    const byKey = new Map<string, Json>(rules.map((rule: Json) => [rule.key, rule]))
    expect(byKey.get('item:{id}')).to.deep.include({
      ...{ name: 'GET /items/:id', hits: 1, misses: 2, loads: 2, keysHeld: 2, neverHit: false },
      ...{ evictedBy: ['PUT /items/:id'], processes: ['shop'], tags: ['all'] },
    })
    expect(byKey.get('lonely')).to.deep.include({ neverHit: true, neverEvicted: true, evictedBy: [] })
    const [reason] = byKey.get('items:list:{query.page}').reasons
    expect(reason).to.deep.include({ kind: 'bypass', reason: 'no value for {query.page}', count: 1 })
    expect(reason.mend).to.contain('default')

    const map = await ask(`${api}/map`)
    expect(map.edges).to.deep.include.members([
      { write: 'PUT /items/:id', read: 'GET /items/:id', by: 'item:{id}' },
      { write: 'PUT /items/:id', read: 'GET /list', by: 'items:list:*' },
    ])
    expect(map.unevicted).to.deep.equal(['GET /lonely'])
  })

  it('browses keys, and tells the story of each', async () => {
    const { api } = await withTraffic()
    const first = await ask(`${api}/keys?limit=1`)
    expect(first.entries.map(({ key }: Json) => key)).to.deep.equal(['item:1'])
    const second = await ask(`${api}/keys?limit=1&after=${first.next}`)
    expect(second.entries.map(({ key }: Json) => key)).to.deep.equal(['item:2'])
    const byPattern = await ask(`${api}/keys?pattern=item:*`)
    expect(byPattern.entries).to.have.length(2)
    expect(byPattern.next).to.equal(null)
    expect(byPattern.entries[0]).to.deep.include({ key: 'item:1', bytes: 10, isStale: false, tags: ['all'] })
    expect(byPattern.entries[0].ageMs).to.be.within(0, 20_000)
    expect((await ask(`${api}/keys?pattern=*:2`)).entries.map(({ key }: Json) => key)).to.deep.equal([
      'item:2',
    ])
    expect((await ask(`${api}/keys?pattern=nothing`)).entries).to.deep.equal([])

    const { entry, value, valueHidden, story } = await ask(`${api}/key?key=item:1`)
    expect(entry.key).to.equal('item:1')
    expect({ value, valueHidden }).to.deep.equal({ value: null, valueHidden: true })
    expect(story.map(({ type }: Json) => type)).to.include.members(['miss', 'fill'])
    expect(story[0]).to.deep.include({ process: 'shop', who: 'GET /items/:id' })
    const gone = await ask(`${api}/key?key=items:list:7`)
    expect(gone.entry).to.equal(null)
    expect((await ask(`${api}/events`)).map(({ type }: Json) => type)).to.include.members(['evict', 'bypass'])
  })

  it('shows values where the option allows it', async () => {
    const { api } = await withTraffic({ values: true })
    const { value, valueHidden } = await ask(`${api}/key?key=item:1`)
    expect({ value, valueHidden }).to.deep.equal({ value: '{"id":"1"}', valueHidden: false })
  })

  it('explains a request', async () => {
    const { api } = await withTraffic()
    const { status, json } = await post(`${api}/explain`, { method: 'GET', url: '/items/1' })
    expect(status).to.equal(200)
    expect(json).to.have.length(1)
    expect(json[0]).to.deep.include({ route: 'GET /items/:id', key: 'item:1', process: 'shop' })
    expect(json[0].next.xCache).to.equal('HIT')
  })

  it('says what would be removed, and removes it only where it is switched on', async () => {
    const off = await withTraffic()
    const pattern = { kind: 'pattern', pattern: 'item:*' }
    const seen = await post(`${off.api}/preview`, pattern)
    expect(seen.json).to.deep.equal({ count: 2, keys: ['item:1', 'item:2'], more: false })
    const refused = await post(`${off.api}/evict`, pattern)
    expect(refused.status).to.equal(403)
    expect(refused.json.error.mend).to.contain('removal: true')
    expect(await off.request('/items/1')).to.equal('HIT')

    const on = await withTraffic({ removal: true })
    const byTag = { kind: 'tag', tag: 'all' }
    expect((await post(`${on.api}/preview`, byTag)).json.keys).to.deep.equal(['item:1', 'item:2'])
    expect(await on.request('/items/1')).to.equal('HIT')
    expect((await post(`${on.api}/evict`, { kind: 'key', key: 'item:1' })).json).to.deep.equal({ removed: 1 })
    expect(await on.request('/items/1')).to.equal('MISS')
    const events = await eventually(
      async () => ask(`${on.api}/events`),
      ({ who }) => who === 'the dashboard',
    )
    expect(events).to.deep.include({ who: 'the dashboard', removed: 1 })
    expect((await post(`${on.api}/evict`, byTag)).json.removed).to.be.within(1, 2)
    expect(await on.request('/items/2')).to.equal('MISS')
  })

  /** The first event that a test is met by; events are gathered once a second. */
  async function eventually(
    events: () => Promise<Json[]>,
    isWanted: (event: Json) => boolean,
  ): Promise<Json> {
    let found: Json
    await until('the event', async () => {
      found = (await events()).find(isWanted)
      return found !== undefined
    })
    return found
  }

  it('refuses what another site has made a browser send', async () => {
    const { api, request } = await withTraffic({ removal: true })
    const forged: readonly [number, Record<string, string>][] = [
      [415, { 'content-type': 'text/plain', 'x-express-cacheable': 'dashboard' }],
      [415, { 'content-type': 'application/x-www-form-urlencoded' }],
      [403, { 'content-type': 'application/json' }],
      [403, { 'content-type': 'application/json', 'x-express-cacheable': 'yes' }],
      [403, { ...POST, 'sec-fetch-site': 'cross-site' }],
      [403, { ...POST, 'sec-fetch-site': 'same-site' }],
      [403, { ...POST, origin: 'https://evil.example' }],
      [403, { ...POST, origin: 'null' }],
    ]
    for (const [status, headers] of forged) {
      const answer = await post(`${api}/evict`, { kind: 'key', key: 'item:1' }, headers)
      expect(answer.status, JSON.stringify(headers)).to.equal(status)
      expect(answer.json.error.mend).to.be.a('string')
    }
    expect(await request('/items/1')).to.equal('HIT')
    const origin = new URL(api).origin
    for (const headers of [
      { ...POST, origin },
      { ...POST, 'sec-fetch-site': 'same-origin', origin },
    ]) {
      expect((await post(`${api}/preview`, { kind: 'key', key: 'item:1' }, headers)).status).to.equal(200)
    }
  })

  it('answers garbage with what is wrong and how to mend it', async () => {
    const { api, root } = await withTraffic({ removal: true })
    const bodies: readonly [string, unknown][] = [
      ...['', '{', '[]', 'null', '1', '"x"'].map((text): [string, unknown] => ['preview', text]),
      ...[{}, { kind: 'all' }, { kind: 'key' }, { kind: 'key', key: 7 }, { kind: 'key', key: '' }].map(
        (body): [string, unknown] => ['evict', body],
      ),
      ['evict', { kind: 'key', key: '#index' }],
      ['evict', { kind: 'key', key: 'x'.repeat(2_000) }],
      ['evict', { kind: 'pattern', pattern: 'item*' }],
      ['evict', { kind: 'pattern', pattern: 'a::*' }],
      ['evict', { kind: 'pattern', pattern: '' }],
      ['evict', { kind: 'tag', tag: 'a\0b' }],
      ['evict', { kind: 'tag' }],
      ...[{}, { method: 'GET' }, { method: 'G T', url: '/' }, { method: 'GET', url: 'http://x/' }].map(
        (body): [string, unknown] => ['explain', body],
      ),
      ['explain', { method: 'GET', url: '/', headers: { a: 1 } }],
    ]
    for (const [name, body] of bodies) {
      const { status, json } = await post(`${api}/${name}`, body)
      expect(status, `${name} ${JSON.stringify(body)}`).to.equal(400)
      expect(json.error.message).to.be.a('string').and.not.equal('')
      expect(json.error.mend).to.be.a('string').and.not.equal('')
    }
    for (const query of [
      'keys?limit=0',
      'keys?limit=x',
      'keys?limit=1e9',
      'keys?pattern=a*b',
      'key',
      'key?key=',
    ]) {
      const response = await fetch(`${api}/${query}`)
      expect(response.status, query).to.equal(400)
    }
    expect((await post(`${api}/preview`, JSON.stringify({ kind: 'x'.repeat(20_000) }))).status).to.equal(413)
    expect((await fetch(`${api}/nothing`)).status).to.equal(404)
    expect((await fetch(`${api}/overview`, { method: 'POST' })).status).to.equal(405)
    expect((await fetch(`${api}/evict`)).status).to.equal(405)
    expect((await fetch(`${root}${AT}/../../etc/passwd`)).status).to.equal(404)
    expect((await fetch(`${root}${AT}/app.ts`)).status).to.equal(404)
    expect((await fetch(`${root}${AT}/%2e%2e%2findex.js`)).status).to.equal(404)
  })

  it('takes a body that middleware in front has parsed', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    app.use(express.json())
    app.use(AT, cacheDashboard(cache))
    await cache.ready(app)
    const root = await serve(app)
    const { status } = await post(`${root}${AT}/api/preview`, { kind: 'key', key: 'a' })
    expect(status).to.equal(200)
  })
})

describe('the page of the dashboard', () => {
  const serve = serversOfSuite()
  const open: Cache[] = []
  const environment = process.env.NODE_ENV
  afterEach(async () => {
    if (environment === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = environment
    for (const cache of open.splice(0)) await cache.close()
  })
  function newCache(): Cache {
    const cache = createCache({ logger: recordingLogger() })
    open.push(cache)
    return cache
  }

  for (const version of EXPRESS_VERSIONS) {
    it(`is served at any path, and leads to the one with a slash (${version.name})`, async () => {
      const app = version.createApp()
      const inner = version.express.Router()
      inner.use('/:name', cacheDashboard(newCache()))
      app.use('/deep/er', inner)
      const root = await serve(app)
      const page = await fetch(`${root}/deep/er/x/`)
      expect(page.status).to.equal(200)
      expect(page.headers.get('content-type')).to.contain('text/html')
      const policy = page.headers.get('content-security-policy')
      expect(policy).to.contain("default-src 'self'").and.not.contain('unsafe')
      expect(page.headers.get('x-content-type-options')).to.equal('nosniff')
      const redirect = await fetch(`${root}/deep/er/x?a=1`, { redirect: 'manual' })
      expect(redirect.status).to.equal(302)
      expect(redirect.headers.get('location')).to.equal('./x/?a=1')
      expect(await ask(`${root}/deep/er/x/api/overview`)).to.have.property('totals')
      const etag = page.headers.get('etag') ?? ''
      const again = await fetch(`${root}/deep/er/x/`, { headers: { 'if-none-match': etag } })
      expect(again.status).to.equal(304)
      expect((await fetch(`${root}/deep/er/x/app.js`)).headers.get('content-type')).to.contain('javascript')
    })
  }

  const letIn: RequestHandler = (_req, _res, next) => next()
  function requireAdmin(_req: Request, _res: Response, next: NextFunction): void {
    next()
  }
  const mountings: readonly [string, number, (app: Express, cache: Cache) => void][] = [
    ['nothing in front', 403, (app, cache) => void app.use(AT, cacheDashboard(cache))],
    ['a guard beside it', 200, (app, cache) => void app.use(AT, requireAdmin, cacheDashboard(cache))],
    [
      'a guard for the same path ahead of it',
      200,
      (app, cache) => {
        app.use(AT, letIn)
        app.use(AT, cacheDashboard(cache))
      },
    ],
    [
      'middleware for all that the application has',
      403,
      (app, cache) => {
        app.use(requireAdmin)
        app.use(AT, cacheDashboard(cache))
      },
    ],
    [
      'a guard of another path',
      403,
      (app, cache) => {
        app.use('/admin', requireAdmin)
        app.use('/other', requireAdmin)
        app.use(AT, cacheDashboard(cache))
      },
    ],
    [
      'what lets everybody in',
      403,
      (app, cache) =>
        void app.use(AT, namedLike('jsonParser'), namedLike('compression'), cacheDashboard(cache)),
    ],
    ['a guard behind it', 403, (app, cache) => void app.use(AT, cacheDashboard(cache), requireAdmin)],
    [
      'guardedElsewhere',
      200,
      (app, cache) => void app.use(AT, cacheDashboard(cache, { guardedElsewhere: true })),
    ],
    [
      'authorize',
      200,
      (app, cache) => void app.use(AT, cacheDashboard(cache, { authorize: async () => true })),
    ],
    [
      'authorize that refuses',
      403,
      (app, cache) => void app.use(AT, cacheDashboard(cache, { authorize: () => false })),
    ],
    [
      'authorize that rejects',
      403,
      (app, cache) =>
        void app.use(AT, cacheDashboard(cache, { authorize: () => Promise.reject(new Error('x')) })),
    ],
    [
      'authorize that gives something else',
      403,
      (app, cache) => void app.use(AT, cacheDashboard(cache, { authorize: (() => 'yes') as never })),
    ],
  ]

  function namedLike(name: string): RequestHandler {
    const middleware: RequestHandler = (_req, _res, next) => next()
    return Object.defineProperty(middleware, 'name', { value: name })
  }

  for (const version of EXPRESS_VERSIONS.slice(0, 2)) {
    for (const [what, status, mount] of mountings) {
      it(`answers ${status} in production with ${what} (${version.name})`, async () => {
        process.env.NODE_ENV = 'production'
        const cache = newCache()
        const app = version.createApp()
        mount(app, cache)
        const root = await serve(app)
        for (const path of ['/', '/api/overview', '/api/live']) {
          if (status === 200 && path === '/api/live') continue
          const response = await fetch(root + AT + path)
          expect(response.status, path).to.equal(status)
          await response.arrayBuffer()
        }
      })
    }

    it(`takes a router for guarded whose middleware is (${version.name})`, async () => {
      process.env.NODE_ENV = 'production'
      const app = version.createApp()
      const admin = version.express.Router()
      admin.use(requireAdmin)
      admin.use('/cache', cacheDashboard(newCache()))
      app.use('/admin', admin)
      const bare = version.express.Router()
      bare.use('/cache', cacheDashboard(newCache()))
      app.use('/bare', bare)
      const root = await serve(app)
      expect((await fetch(`${root}/admin/cache/`)).status).to.equal(200)
      const refused = await fetch(`${root}/bare/cache/`)
      expect(refused.status).to.equal(403)
      expect(await refused.text())
        .to.contain('requireAdmin')
        .and.contain('guardedElsewhere')
    })
  }

  it('needs no guard outside production, and refuses options that it does not have', async () => {
    const app = quietExpress()
    app.use(AT, cacheDashboard(newCache()))
    expect((await fetch(`${await serve(app)}${AT}/`)).status).to.equal(200)
    for (const wrong of [{ remove: true }, { values: 1 }, { authorize: true }, 7]) {
      expect(() => cacheDashboard(newCache(), wrong as never)).to.throw('E_CACHE_OPTION')
    }
  })
})

describe('the live events of the dashboard', () => {
  const open: Cache[] = []
  afterEach(async () => {
    for (const cache of open.splice(0)) await cache.close()
  })

  async function listening() {
    const cache = createCache({ logger: recordingLogger() })
    open.push(cache)
    const app = quietExpress()
    mountRoutes(app, cache)
    app.use(AT, cacheDashboard(cache))
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const root = `http://127.0.0.1:${port}`
    const agent = undefined
    const [stream] = (await once(get(`${root}${AT}/api/live`, { agent }), 'response')) as [IncomingMessage]
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    const ended = once(stream, 'end')
    return { cache, server, root, stream, ended, text: () => text }
  }

  function messages(text: string, name: string): Json[] {
    return [...text.matchAll(new RegExp(`event: ${name}\ndata: (.*)\n\n`, 'g'))].map(([, data]) =>
      JSON.parse(data as string),
    )
  }

  it('tell once a second what is news, and end with the cache', async () => {
    const { cache, server, root, stream, ended, text } = await listening()
    expect(stream.headers['content-type']).to.contain('text/event-stream')
    expect(stream.headers['cache-control']).to.equal('no-store, no-transform')
    expect(stream.headers['x-accel-buffering']).to.equal('no')
    await until('the first overview', () => messages(text(), 'overview').length > 0)
    for (const _nth of [1, 2, 3]) await (await fetch(`${root}/items/1`)).text()
    const seen = () => messages(text(), 'events').flat()
    await until('the hits', () => seen().some(({ type }: Json) => type === 'hit'))
    expect(seen().map(({ type }: Json) => type)).to.include.members(['miss', 'fill', 'hit'])
    const numbers = seen().map(({ nth }: Json) => nth)
    expect(new Set(numbers).size, 'each once').to.equal(numbers.length)
    const last = messages(text(), 'overview').at(-1)
    expect(last.totals.misses).to.equal(1)
    await cache.close()
    await ended
    expect((await fetch(`${root}${AT}/api/live`)).status).to.equal(503)
    server.closeAllConnections()
    server.close()
  })

  it('keep no server open that closes', async () => {
    const { server, ended } = await listening()
    const closed = once(server, 'close')
    server.close()
    await ended
    server.closeIdleConnections()
    await closed
  })
})

describe('the dashboard of several processes', () => {
  const serve = serversOfSuite()
  const open: Cache[] = []
  let redis: string
  before(async function () {
    redis = await redisForTests(this)
  })
  afterEach(async () => {
    for (const cache of open.splice(0)) {
      await cache.clear()
      await cache.close()
    }
  })

  it('shows what each has done, and asks the one that knows', async () => {
    const keyPrefix = `test-dashboard-${process.pid}:`
    const make = (name: string) => {
      const cache = createCache({ redis, keyPrefix, name, deadlineMs: 5_000, logger: recordingLogger() })
      open.push(cache)
      return cache
    }
    const shop = make('shop')
    const admin = make('admin')
    const shopApp = quietExpress()
    mountRoutes(shopApp, shop)
    const adminApp = quietExpress()
    adminApp.use(AT, cacheDashboard(admin, { removal: true }))
    await Promise.all([shop.ready(shopApp), admin.ready(adminApp)])
    const [shopUrl, adminUrl] = [await serve(shopApp), await serve(adminApp)]
    const api = `${adminUrl}${AT}/api`
    await (await fetch(`${shopUrl}/items/1`)).text()
    await until('both processes', async () => (await ask(`${api}/overview`)).processes.length === 2)
    const { totals, processes, keys } = await ask(`${api}/overview`)
    expect(processes.map(({ name }: Json) => name).sort()).to.deep.equal(['admin', 'shop'])
    expect(totals).to.deep.include({ misses: 1 })
    expect(keys).to.equal(1)
    const [rule] = (await ask(`${api}/rules`)).rules.filter(({ key }: Json) => key === 'item:{id}')
    expect(rule).to.deep.include({ processes: ['shop'], misses: 1, keysHeld: 1 })
    const { json } = await post(`${api}/explain`, { method: 'GET', url: '/items/1' })
    expect(json[0]).to.deep.include({ process: 'shop', key: 'item:1' })
    expect(json[0].next.xCache).to.equal('HIT')
    const { story, entry } = await ask(`${api}/key?key=item:1`)
    expect(entry.ageMs).to.be.a('number')
    expect(story.map(({ process, type }: Json) => `${process} ${type}`)).to.include('shop fill')
    await post(`${api}/evict`, { kind: 'key', key: 'item:1' })
    expect((await fetch(`${shopUrl}/items/1`)).headers.get('x-cache')).to.equal('MISS')
  })
})
