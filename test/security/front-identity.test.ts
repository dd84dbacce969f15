import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import { type Cache, createCache } from 'express-cacheable'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'
import { recordingLogger } from '../support/recording-logger.js'

type Headers = Readonly<Record<string, string>>

/** What a request says of who asks for what, beside its URL. */
describe('the front lane and the identity of a request', () => {
  let cache: Cache
  const servers: Listening[] = []

  beforeEach(() => {
    cache = createCache({ logger: recordingLogger() })
  })
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
    await cache.close()
  })

  interface SetUp {
    readonly trustProxy?: unknown
    readonly middleware: RequestHandler
  }

  function appWith({ trustProxy = false, middleware }: SetUp, cached: RequestHandler): Express {
    const app = quietExpress().set('trust proxy', trustProxy)
    app.use(middleware)
    app.get(['/rows/:id', '/:tenant/rows/:id'], cached, ({ params }, res) => {
      res.json({ tenant: params.tenant ?? null, id: params.id })
    })
    return app
  }

  /** The same application behind a front and without any cache. */
  async function serve(setUp: SetUp) {
    const rule = cache.cacheable('row:{params.tenant|none}:{id}', 600, { visibility: 'public' })
    const fronted = await listen(cache.front(appWith(setUp, rule as unknown as RequestHandler)))
    const plain = await listen(appWith(setUp, (_req, _res, next) => next()))
    servers.push(fronted, plain)
    const ask = (headers: Headers, target = '/rows/1') => sendRaw(fronted.url, { target, headers })
    return {
      ask,
      /** So that it is learned. */
      async askOften(headers: Headers): Promise<void> {
        for (let turn = 0; turn < 5; turn++) await ask(headers)
      },
      /** What the front answers, and what the application alone does. */
      async both(headers: Headers): Promise<readonly [string, string]> {
        const [got, due] = await Promise.all([
          ask(headers),
          sendRaw(plain.url, { target: '/rows/1', headers }),
        ])
        return [lasting(got), lasting(due)]
      },
    }
  }

  /** Status, body, and the headers that are neither of the moment nor the cache's own. */
  function lasting({ status, fields, text }: RawAnswer): string {
    const own = /^(date|age|x-cache|cache-status|etag|content-length|connection|keep-alive)$/i
    const rest = fields
      .filter(([name]) => !own.test(name))
      .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    return [status, ...rest.sort(), text].join('\n')
  }

  const byHostname: RequestHandler = (req, _res, next) => {
    req.url = `/${req.hostname}${req.url}`
    next()
  }
  const byHeader =
    (name: string): RequestHandler =>
    (req, _res, next) => {
      req.url = `/${req.get(name)}${req.url}`
      next()
    }
  const hsts: RequestHandler = (req, res, next) => {
    if (req.secure) res.set('Strict-Transport-Security', 'max-age=600')
    next()
  }
  const canonical: RequestHandler = (req, res, next) => {
    res.set('Link', `<${req.protocol}://${req.hostname}/rows>; rel="canonical"`)
    next()
  }
  const ofAddress: RequestHandler = (req, res, next) => {
    res.set('X-Zone', req.ip?.startsWith('10.') ? 'inner' : 'outer')
    next()
  }
  const reflecting =
    (name: string): RequestHandler =>
    (req, res, next) => {
      res.set('X-Reflected', req.get(name) ?? 'nothing')
      next()
    }

  const takingAway =
    (name: string): RequestHandler =>
    (req, res, next) => {
      res.set('X-Reflected', req.get(name) ?? 'nothing')
      delete req.headers[name]
      next()
    }

  const cases: readonly [what: string, setUp: SetUp, first: Headers, second: Headers][] = [
    [
      'the tenant by X-Forwarded-Host',
      { trustProxy: true, middleware: byHostname },
      { 'X-Forwarded-Host': 'a.example' },
      { 'X-Forwarded-Host': 'b.example' },
    ],
    ['the tenant by the Host', { middleware: byHostname }, { Host: 'a.example' }, { Host: 'b.example' }],
    [
      'the tenant by a header of its own',
      { middleware: byHeader('x-tenant') },
      { 'X-Tenant': 'a' },
      { 'X-Tenant': 'b' },
    ],
    [
      'the tenant by Forwarded',
      { middleware: byHeader('forwarded') },
      { Forwarded: 'host=a' },
      { Forwarded: 'host=b' },
    ],
    [
      'a link to the host that was asked for',
      { trustProxy: true, middleware: canonical },
      { 'X-Forwarded-Host': 'evil.example' },
      {},
    ],
    [
      'a link with the protocol',
      { trustProxy: true, middleware: canonical },
      { 'X-Forwarded-Proto': 'http' },
      { 'X-Forwarded-Proto': 'https' },
    ],
    ['HSTS', { trustProxy: true, middleware: hsts }, {}, { 'X-Forwarded-Proto': 'https' }],
    [
      'what depends on the address',
      { trustProxy: true, middleware: ofAddress },
      { 'X-Forwarded-For': '10.0.0.1' },
      { 'X-Forwarded-For': '192.0.2.1' },
    ],
    ['a reflected header', { middleware: reflecting('x-anything') }, { 'X-Anything': 'evil' }, {}],
    [
      'a reflected User-Agent',
      { middleware: reflecting('user-agent') },
      { 'User-Agent': 'evil' },
      { 'User-Agent': 'b' },
    ],
    ['a reflected Referer', { middleware: reflecting('referer') }, { Referer: 'https://evil.example' }, {}],
    [
      'a reflected Accept-Language',
      { middleware: reflecting('accept-language') },
      { 'Accept-Language': 'fr' },
      {},
    ],
    [
      'a header that middleware takes away once it has read it',
      { middleware: takingAway('x-tenant') },
      { 'X-Tenant': 'a' },
      {},
    ],
    [
      'a request id under a name of its own',
      { middleware: reflecting('x-request-id') },
      { 'X-Request-Id': 'evil' },
      { 'X-Request-Id': 'another' },
    ],
    ['a reflected Origin', { middleware: reflecting('origin') }, { Origin: 'https://evil.example' }, {}],
  ]
  for (const [what, setUp, first, second] of cases) {
    it(`answers as the application does alone: ${what}`, async () => {
      const { askOften, both } = await serve(setUp)
      await askOften(first)
      for (const headers of [second, first, second]) {
        for (let turn = 0; turn < 5; turn++) {
          const [got, due] = await both(headers)
          expect(got).to.equal(due)
        }
      }
    })
  }

  it('takes no URL for another, where what it hands requests to writes over theirs', async () => {
    const app = appWith(
      { middleware: (_req, _res, next) => next() },
      cache.cacheable('row:{params.tenant|none}:{id}', 600, {
        visibility: 'public',
      }) as unknown as RequestHandler,
    )
    const server = await listen(
      cache.front((req, res) => {
        if (!req.url?.startsWith('/rows')) req.url = '/rows/0'
        else req.url = `/a${req.url}`
        app(req, res)
      }),
    )
    servers.push(server)
    for (const target of ['/rows/1', '/a/rows/1', '/rows/1', '/a/rows/1']) {
      for (let turn = 0; turn < 5; turn++) {
        const { text } = await sendRaw(server.url, { target })
        const due = target === '/rows/1' ? { tenant: 'a', id: '1' } : { tenant: null, id: '0' }
        expect(JSON.parse(text)).to.deep.equal(due)
      }
    }
  })

  it('takes up within a minute what middleware has begun to say', async () => {
    let policy = 'default-src self'
    const now = performance.now.bind(performance)
    let elapsedMs = 0
    performance.now = () => now() + elapsedMs
    try {
      const { ask, askOften } = await serve({
        middleware: (_req, res, next) => {
          res.set('Content-Security-Policy', policy)
          next()
        },
      })
      await askOften({})
      policy = 'default-src none'
      elapsedMs = 60_000
      await askOften({})
      expect((await ask({})).header('content-security-policy')).to.equal(policy)
    } finally {
      performance.now = now
    }
  })

  it('tells the application which request it answered, whatever its URL', async () => {
    const told: (string | undefined)[] = []
    const app = appWith(
      { middleware: (_req, _res, next) => next() },
      cache.cacheable('row:{id}', 600, {
        visibility: 'public',
      }) as unknown as RequestHandler,
    )
    const server = await listen(
      cache.front(app, { onFrontHit: ({ url }: IncomingMessage) => told.push(url) }),
    )
    servers.push(server)
    for (let turn = 0; turn < 5; turn++) await sendRaw(server.url, { target: '/rows/1?q=%E0%A4' })
    expect(told).to.deep.equal(['/rows/1?q=%E0%A4', '/rows/1?q=%E0%A4'])
  })
})
