import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { RequestHandler } from 'express'
import type { CacheableOptions } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'
import { until } from '../support/until.js'

onEachStore('what a hit replays', (makeCache) => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  interface SetUp {
    readonly middleware?: RequestHandler
    readonly options?: CacheableOptions
    readonly ttl?: string
    readonly handler: RequestHandler
  }

  async function serve({ middleware, options, ttl = '60s', handler }: SetUp) {
    const { cache } = makeCache()
    const app = quietExpress()
    if (middleware) app.use(middleware)
    app.get('/rows/:id', cache.cacheable('row:{id}', ttl, options), handler)
    await cache.ready(app)
    server = await listen(app)
    const { url } = server
    return (target = '/rows/1', headers: Record<string, string> = {}): Promise<RawAnswer> =>
      sendRaw(url, { target, headers })
  }

  describe('of a header that middleware had set and the route made longer', () => {
    let nonce = 0
    const policy: RequestHandler = (_req, res, next) => {
      nonce += 1
      res.set('Content-Security-Policy', `script-src 'nonce-${nonce}'`)
      res.set('Link', `</of/${nonce}>; rel=prefetch`)
      next()
    }

    it('is never another one’s part: a nonce', async () => {
      const ask = await serve({
        middleware: policy,
        handler: (_req, res) => {
          res.set('Content-Security-Policy', `${res.get('Content-Security-Policy')}; img-src 'self'`).json({})
        },
      })
      for (let turn = 0; turn < 3; turn++) {
        const answer = await ask()
        expect(answer.header('content-security-policy'), answer.header('x-cache')).to.equal(
          `script-src 'nonce-${nonce}'; img-src 'self'`,
        )
      }
    })

    it('is never another one’s part: a link that was appended to', async () => {
      const ask = await serve({
        middleware: policy,
        handler: (_req, res) => void res.append('Link', '</own>; rel=next').json({}),
      })
      for (let turn = 0; turn < 3; turn++) {
        const answer = await ask()
        expect(answer.header('link'), answer.header('x-cache')).to.equal(
          `</of/${nonce}>; rel=prefetch, </own>; rel=next`,
        )
      }
    })

    it('is the route’s own, where it took the place of the other', async () => {
      const ask = await serve({
        middleware: policy,
        handler: (_req, res) => void res.set('Content-Security-Policy', `default-src 'none'`).json({}),
      })
      for (let turn = 0; turn < 3; turn++) {
        const answer = await ask()
        expect(answer.header('content-security-policy')).to.equal(`default-src 'none'`)
        expect(answer.header('x-cache')).to.equal(turn === 0 ? 'MISS' : 'HIT')
      }
    })
  })

  it('is without what the route took away, ahead of the application too', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    app.use((_req, res, next) => {
      res.set({ 'X-Of-Middleware': 'yes', 'X-Stays': 'yes' })
      next()
    })
    app.get('/rows/:id', cache.cacheable('row:{id}', '60s', { visibility: 'public' }), (_req, res) => {
      res.removeHeader('X-Of-Middleware')
      res.json({})
    })
    await cache.ready(app)
    server = await listen(cache.front(app))
    for (let turn = 0; turn < 5; turn++) {
      const answer = await sendRaw(server.url, { target: '/rows/1' })
      expect(answer.header('x-cache')).to.equal(turn === 0 ? 'MISS' : 'HIT')
      expect([answer.header('x-of-middleware'), answer.header('x-stays')]).to.deep.equal([undefined, 'yes'])
    }
  })

  describe('is nothing of an answer whose Cache-Control says', () => {
    for (const value of [
      'max-age=60;private',
      'max-age=60; no-store',
      'public; no-cache',
      'max-age=60 private',
      'max-age=60;a=b;no-store=1',
      'private="x-a", max-age=60',
      'max-age=60\t;\tprivate',
      'max-age="60', // no end
    ]) {
      it(value, async () => {
        const ask = await serve({ handler: (_req, res) => void res.set('Cache-Control', value).json({}) })
        await ask()
        expect((await ask()).header('x-cache')).to.equal('MISS')
      })
    }
  })

  describe('is never in an encoding that the client does not take', () => {
    const text = 'of the handler'.repeat(200)
    const encodes: RequestHandler = (req, res) => {
      res.type('text').vary('Accept-Encoding')
      if (req.acceptsEncodings('gzip')) res.set('Content-Encoding', 'gzip').send(gzipSync(text))
      else res.send(text)
    }
    const setUps: readonly [what: string, setUp: Omit<SetUp, 'handler'>][] = [
      ['with compress', { options: { compress: true } }],
      [
        'with compress, behind middleware that varies',
        {
          options: { compress: true },
          middleware: (_req, res, next) => {
            res.vary('Accept-Encoding')
            next()
          },
        },
      ],
      [
        'behind middleware that varies',
        {
          middleware: (_req, res, next) => {
            res.vary('Accept-Encoding')
            next()
          },
        },
      ],
    ]
    for (const [what, setUp] of setUps) {
      it(`where the handler encodes, ${what}`, async () => {
        const ask = await serve({ ...setUp, handler: encodes })
        for (const first of ['gzip', 'identity']) {
          for (const accepted of [first, 'identity', 'gzip']) {
            const answer = await ask(`/rows/${first}`, { 'Accept-Encoding': accepted })
            const encoding = answer.header('content-encoding')
            if (accepted === 'identity') expect(encoding).to.equal(undefined)
            const body = encoding === 'gzip' ? gunzipSync(answer.body) : answer.body
            expect(body.toString()).to.equal(text)
          }
        }
      })
    }
  })

  it('is never called by another one’s name (JSONP)', async () => {
    const ask = await serve({ handler: (req, res) => void res.jsonp({ id: req.params.id }) })
    for (const [target, start] of [
      ['/rows/1?callback=one', /^\/\*\*\/ typeof one === 'function'/],
      ['/rows/1?callback=two', /^\/\*\*\/ typeof two === 'function'/],
      ['/rows/1', /^\{"id"/],
      ['/rows/1?callback=one', /^\/\*\*\/ typeof one === 'function'/],
    ] as const) {
      expect((await ask(target)).text).to.match(start)
    }
  })

  describe('by a reload behind an answer', () => {
    for (const [what, options, ttl] of [
      ['stale', { staleWhileRevalidate: 60 }, '50ms'],
      ['fresh', { refreshAhead: true }, '2s'],
    ] as const) {
      it(`is no cookie that counts once: of a ${what} one`, async () => {
        const { random } = Math
        // The earliest of all reloads.
        if (what === 'fresh') Math.random = () => Number.MIN_VALUE
        const used = new Map<string, number>()
        let session = 0
        try {
          const ask = await serve({
            options,
            ttl,
            middleware: (req, res, next) => {
              const cookie = req.get('cookie') ?? 'none'
              used.set(cookie, (used.get(cookie) ?? 0) + 1)
              session += 1
              res.cookie('session', String(session))
              next()
            },
            handler: (_req, res) => {
              res.removeHeader('Set-Cookie')
              res.json({})
            },
          })
          await ask('/rows/1', { Cookie: 'session=first' })
          const served = new Set<string | undefined>()
          await until('the first answer to be old enough', async () => {
            served.add((await ask('/rows/1', { Cookie: `session=${used.size}` })).header('x-cache'))
            return served.size > 1 || what === 'fresh'
          })
          for (let turn = 0; turn < 3; turn++) await ask('/rows/1', { Cookie: `session=${used.size}` })
          expect([...used].filter(([, times]) => times > 1)).to.deep.equal([])
        } finally {
          Math.random = random
        }
      })
    }
  })

  it('is the same for all where nothing of this comes in', async () => {
    const ask = await serve({ handler: (_req, res) => void res.set('X-Own', 'own').json({}) })
    await ask()
    const answer = await ask()
    expect([answer.header('x-cache'), answer.header('x-own')]).to.deep.equal(['HIT', 'own'])
    expect((await answerOf(`${server?.url}/rows/1`)).xCache).to.equal('HIT')
  })
})
