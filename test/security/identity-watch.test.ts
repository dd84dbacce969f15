import { expect } from 'chai'
import type { Request, RequestHandler, Response } from 'express'
import {
  type Cache,
  Cacheable,
  type CacheableOptions,
  createCache,
  type KeyFunction,
} from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'

interface Known {
  readonly user?: { readonly id: number }
  readonly auth?: { readonly sub: string }
  readonly session?: { readonly userId: number }
}
type Asked = Request & Known

/** Outside production the cache looks at what a handler reads of the request while it loads. */
describe('the watch over who is asked for', () => {
  let cache: Cache
  let logger: RecordingLogger
  let server: Listening | undefined
  beforeEach(() => {
    logger = recordingLogger()
    cache = createCache({ logger })
  })
  afterEach(async () => {
    await cache.close()
    await server?.close()
    server = undefined
  })

  /** Whoever is signed in, in each of the ways in which middleware leaves it. */
  const signsIn: RequestHandler = (req, res, next) => {
    Object.assign(req, {
      user: { id: 7 },
      auth: { sub: '7' },
      session: { userId: 7 },
      cookies: { sid: 'seven' },
    })
    res.locals.user = { id: 7 }
    next()
  }

  async function warningsOf(
    handler: RequestHandler,
    { key = 'row:{id}', options = {} }: { key?: string | KeyFunction; options?: CacheableOptions } = {},
  ): Promise<string[]> {
    const app = quietExpress()
    app.use(signsIn)
    app.get('/rows/:id', cache.cacheable(key as string, 60, options) as unknown as RequestHandler, handler)
    await cache.ready(app)
    server = await listen(app)
    for (let turn = 0; turn < 2; turn++) {
      const { status } = await answerOf(`${server.url}/rows/1`, { headers: { authorization: 'Bearer x' } })
      expect(status).to.equal(200)
    }
    return logger.at('warn')
  }

  const service = {
    rowsOf: ({ user }: Known) => ({ of: user?.id }),
    async later(req: Asked) {
      await Promise.resolve()
      return { of: req.user?.id }
    },
  }
  const reads: readonly [what: string, names: RegExp, handler: (req: Asked, res: Response) => unknown][] = [
    ['req.user', /req\.user/, (req, res) => res.json(req.user?.id)],
    ['{ user } of the request', /req\.user/, ({ user }, res) => res.json(user?.id)],
    ['Reflect.get(req, "user")', /req\.user/, (req, res) => res.json(Reflect.get(req, 'user')?.id)],
    ['req.user, in a service', /req\.user/, (req, res) => res.json(service.rowsOf(req))],
    ['req.user, after an await', /req\.user/, async (req, res) => res.json(await service.later(req))],
    ['req.user, through res.req', /req\.user/, (_req, res) => res.json((res.req as Asked).user?.id)],
    ['req.auth', /req\.auth/, (req, res) => res.json(req.auth?.sub)],
    ['req.session', /req\.session/, (req, res) => res.json(req.session?.userId)],
    ['res.locals.user', /res\.locals/, (_req, res) => res.json(res.locals.user.id)],
    ['the Authorization header', /authorization/i, (req, res) => res.json(req.headers.authorization)],
    ['req.get("Authorization")', /authorization/i, (req, res) => res.json(req.get('Authorization'))],
    ['req.header("authorization")', /authorization/i, (req, res) => res.json(req.header('authorization'))],
    ['req.cookies', /cookies/i, (req, res) => res.json(req.cookies.sid)],
    ['the Cookie header', /cookie/i, (req, res) => res.json(req.headers.cookie ?? 'none')],
    ['req.hostname', /hostname/, (req, res) => res.json(req.hostname)],
    ['the Host header', /host/, (req, res) => res.json(req.headers.host)],
    ['req.subdomains', /subdomains|hostname/, (req, res) => res.json(req.subdomains)],
    ['req.ip', /req\.ip/, (req, res) => res.json(req.ip)],
  ]
  for (const [what, names, handler] of reads) {
    it(`warns once of a handler that reads ${what}`, async () => {
      const warnings = await warningsOf(handler as unknown as RequestHandler)
      expect(warnings).to.have.lengthOf(1)
      expect(warnings[0]).to.match(names)
      expect(warnings[0]).to.contain('row:{id}')
    })
  }

  for (const key of ['row:{locals.theme|none}', 'row:{method}', () => ['row', 'all']]) {
    it(`warns of a handler that reads the user where the key is ${String(key)}`, async () => {
      const handler = (req: Asked, res: Response) => res.json(service.rowsOf(req))
      expect(await warningsOf(handler as unknown as RequestHandler, { key })).to.have.lengthOf(1)
    })
  }

  it('warns of a handler behind a wrapper', async () => {
    const wrap =
      (handler: RequestHandler): RequestHandler =>
      (...args) =>
        void Promise.resolve(handler(...args)).catch(args[2])
    const warnings = await warningsOf(
      wrap(((req: Asked, res: Response) => res.json(req.user?.id)) as unknown as RequestHandler),
    )
    expect(warnings).to.have.lengthOf(1)
  })

  it('warns of what middleware behind the cache reads', async () => {
    const app = quietExpress()
    app.use(signsIn)
    const rule = cache.cacheable('row:{id}', 60, { visibility: 'public' }) as unknown as RequestHandler
    const loads: RequestHandler = (req, res, next) => {
      res.locals.rows = service.rowsOf(req as Asked)
      next()
    }
    app.get('/rows/:id', rule, loads, (_req, res) => void res.json(res.locals.rows))
    await cache.ready(app)
    server = await listen(app)
    await answerOf(`${server.url}/rows/1`)
    expect(logger.at('warn').filter((line) => /req\.user/.test(line))).to.have.lengthOf(1)
  })

  it('warns of a method of a controller', async () => {
    class Rows {
      @Cacheable('mine:{id}', 60)
      mine({ user }: Asked, res: Response) {
        res.json({ of: user?.id })
      }
    }
    const app = quietExpress()
    app.use(signsIn)
    app.get('/mine/:id', cache.handlers(new Rows()).mine as unknown as RequestHandler)
    await cache.ready(app)
    server = await listen(app)
    await answerOf(`${server.url}/mine/1`)
    expect(logger.at('warn').filter((line) => line.includes('Rows.mine'))).to.have.lengthOf(1)
  })

  const silent: readonly [what: string, handler: (req: Asked, res: Response) => unknown, set?: object][] = [
    ['reads nothing of the kind', (req, res) => res.json({ id: req.params.id, q: req.query, m: req.method })],
    ['reads who the key names', (req, res) => res.json(req.user?.id), { key: 'row:{user.id}:{id}' }],
    ['reads who the key names by auth', (req, res) => res.json(req.user?.id), { key: 'row:{auth.sub}:{id}' }],
    ['reads who the key names by session', (req, res) => res.json(req.auth), { key: 'row:{session.userId}' }],
    [
      'reads who the key names by locals',
      (_req, res) => res.json(res.locals.user.id),
      { key: 'row:{locals.user.id}' },
    ],
    ['reads the host that the key names', (req, res) => res.json(req.hostname), { key: 'row:{host}' }],
    [
      'reads who a function names',
      (req, res) => res.json(req.user?.id),
      { key: (req: Asked) => ['row', req.user?.id] },
    ],
    [
      'reads the host that a function names',
      (req, res) => res.json(req.hostname),
      { key: (req: Asked) => ['row', req.hostname] },
    ],
    [
      'reads a header that the key names',
      (req, res) => res.json(req.get('x-a') ?? 1),
      { key: 'row:{headers.x-a|no}' },
    ],
    ['answers what is not stored', (req, res) => res.set('Cache-Control', 'private').json(req.user?.id)],
  ]
  for (const [what, handler, set] of silent) {
    it(`is silent about a handler that ${what}`, async () => {
      expect(await warningsOf(handler as unknown as RequestHandler, set)).to.deep.equal([])
    })
  }

  it('sees nothing of what middleware before the cache reads', async () => {
    const app = quietExpress()
    app.use(signsIn)
    app.use((req, _res, next) => {
      if ((req as Asked).user?.id === 0 || req.headers.authorization === 'no') return next(new Error('no'))
      next()
    })
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({}))
    await cache.ready(app)
    server = await listen(app)
    await answerOf(`${server.url}/rows/1`)
    expect(logger.at('warn')).to.deep.equal([])
  })

  it('changes nothing of what a handler finds: names, getters, functions, events, instances', async () => {
    const seen: unknown[] = []
    const handler: RequestHandler = (req, res) => {
      seen.push(
        Object.keys(req).length > 0,
        req.get('host')?.startsWith('127'),
        req.res === res && res.req === req,
        req.app === res.app,
        req instanceof (Object.getPrototypeOf(req).constructor as new () => unknown),
        typeof req.on,
        req.socket.remoteAddress,
        'user' in req,
        req.is('json'),
      )
      res.json({})
    }
    await warningsOf(handler)
    const watched = [...seen]
    seen.length = 0
    const app = quietExpress()
    app.use(signsIn)
    app.get('/rows/:id', handler)
    const plain = await listen(app)
    await answerOf(`${plain.url}/rows/1`, { headers: { authorization: 'Bearer x' } })
    await plain.close()
    expect(watched).to.deep.equal(seen)
  })
})
