import { expect } from 'chai'
import express, { type RequestHandler } from 'express'
import type { CacheableOptions } from 'express-cacheable'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'
import { recordingLogger } from '../support/recording-logger.js'

/** Of the representation: a later request is to get them too. */
const REPLAYED: Readonly<Record<string, string>> = {
  'Content-Type': 'text/x-test; charset=utf-8',
  'Content-Language': 'de',
  'Content-Disposition': 'attachment; filename="a.txt"',
  'Content-Location': '/thing/de',
  'Last-Modified': 'Tue, 01 Sep 2026 10:00:00 GMT',
  ETag: '"own"',
  Link: '</next>; rel="next"',
  'Cache-Control': 'public, max-age=50',
  'Accept-Ranges': 'bytes',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'X-Total-Count',
  'Content-Security-Policy': "default-src 'none'",
  'X-Total-Count': '42',
  'X-Note': 'cr\u00e8me',
}

/** Of the one response, request, connection or person that they were made for. */
const NOT_REPLAYED: Readonly<Record<string, string>> = {
  // Not in the past, which would make the answer as old as that.
  Date: 'Thu, 01 Sep 2050 10:00:00 GMT',
  Connection: 'close, X-Named-By-Connection',
  'X-Named-By-Connection': 'hop',
  'Keep-Alive': 'timeout=99',
  'Proxy-Connection': 'keep-alive',
  'Proxy-Authenticate': 'Basic',
  'Proxy-Authentication-Info': 'x=1',
  'Authentication-Info': 'nextnonce="1"',
  'WWW-Authenticate': 'Basic realm="one"',
  'Server-Timing': 'db;dur=53',
  'X-Response-Time': '53ms',
  'Request-Id': 'r1',
  'X-Request-Id': 'r1',
  'X-Correlation-Id': 'c1',
  'X-Amzn-Trace-Id': 'Root=1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'a=1',
  'Retry-After': '120',
  RateLimit: '"default";r=1;t=5',
  'RateLimit-Policy': '"default";q=10;w=60',
  'RateLimit-Remaining': '9',
  'X-RateLimit-Remaining': '9',
  'X-Rate-Limit-Reset': '60',
  'Access-Control-Allow-Credentials': 'true',
}

onEachStore('a cached route, as to headers,', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const listen = serversOfSuite()

      async function serve(
        handler: RequestHandler,
        { rule = {}, before }: { rule?: CacheableOptions; before?: RequestHandler } = {},
      ) {
        const logger = recordingLogger()
        const { cache } = makeCache({ logger })
        const app = createApp()
        if (before) app.use(before)
        app.get('/thing/:id', cache.cacheable('thing:{id}', 60, rule), handler)
        await cache.ready(app)
        const url = await listen(app)
        return {
          logger,
          ask: (headers: Record<string, string> = {}, id = '1') =>
            sendRaw(url, { target: `/thing/${id}`, headers }),
        }
      }

      const xCachesOf = (answers: readonly RawAnswer[]) => answers.map((answer) => answer.header('x-cache'))

      it("replays the representation's headers, and none that belongs to one response", async () => {
        let calls = 0
        const { ask } = await serve((_req, res) => {
          calls++
          // Node writes a head in UTF-8 if it sends it in one piece with a text.
          res.set({ ...REPLAYED, ...NOT_REPLAYED }).end(Buffer.from('body'))
        })
        const miss = await ask()
        const hit = await ask()
        expect([...xCachesOf([miss, hit]), calls]).to.deep.equal(['MISS', 'HIT', 1])
        for (const [field, value] of Object.entries({ ...REPLAYED, ...NOT_REPLAYED })) {
          expect(miss.header(field), `${field} of the miss`).to.equal(value)
        }
        for (const [field, value] of Object.entries(REPLAYED)) {
          expect(hit.header(field), `${field} of the hit`).to.equal(value)
        }
        for (const [field, value] of Object.entries(NOT_REPLAYED)) {
          expect(hit.header(field), `${field} of the hit`).not.to.equal(value)
        }
        expect(hit.text).to.equal('body')
      })

      it('replays each of several fields of one name, in their order', async () => {
        const { ask } = await serve(
          (_req, res) => void res.set('Link', ['</a>; rel=a', '</b>; rel=b']).json({}),
        )
        const [miss, hit] = [await ask(), await ask()]
        const links = (answer: RawAnswer) =>
          answer.fields.filter(([field]) => field.toLowerCase() === 'link').map(([, value]) => value)
        expect(links(miss)).to.deep.equal(['</a>; rel=a', '</b>; rel=b'])
        expect(links(hit)).to.deep.equal(links(miss))
      })

      it('replays a header whose name is that of a method of objects', async () => {
        const { ask } = await serve((_req, res) => void res.set('constructor', 'Ford').json({}))
        const answers = [await ask(), await ask()]
        expect(xCachesOf(answers)).to.deep.equal(['MISS', 'HIT'])
        expect(answers.map((answer) => answer.header('constructor'))).to.deep.equal(['Ford', 'Ford'])
      })

      describe('gives hits the ETag of the miss,', () => {
        const like = express().get('etag fn')(JSON.stringify({ a: 2 }), 'utf8')
        const wraps =
          (tag: string): RequestHandler =>
          (_req, res, next) => {
            const { send } = res
            res.send = (...args) => {
              res.set('ETag', tag)
              return Reflect.apply(send, res, args)
            }
            next()
          }
        const tagged: Readonly<Record<string, [RequestHandler, RequestHandler?]>> = {
          'that Express has made': [(_req, res) => void res.json({ a: 1 })],
          'of the handler': [(_req, res) => void res.set('ETag', '"own"').json({ a: 1 })],
          'of the handler that looks like one of Express': [
            (_req, res) => void res.set('ETag', like).json({ a: 1 }),
          ],
          'of middleware that looks like one of Express': [
            (_req, res) => void res.json({ a: 1 }),
            (_req, res, next) => void next(void res.set('ETag', like)),
          ],
          'of middleware that wraps res.send': [(_req, res) => void res.json({ a: 1 }), wraps('"own"')],
          'of such that looks like one of Express': [(_req, res) => void res.json({ a: 1 }), wraps(like)],
        }
        for (const [whose, [handler, before]] of Object.entries(tagged)) {
          it(whose, async () => {
            const { ask } = await serve(handler, before ? { before } : {})
            const answers = [await ask(), await ask(), await ask()]
            expect(xCachesOf(answers)).to.deep.equal(['MISS', 'HIT', 'HIT'])
            const tags = new Set(answers.map((answer) => answer.header('etag')))
            expect([...tags])
              .to.have.length(1)
              .and.to.not.include(undefined)
          })
        }
      })

      it('gives each answer its own Date', async () => {
        const { ask } = await serve(
          (_req, res) => void res.set('Date', 'Tue, 01 Sep 2026 10:00:00 GMT').json({}),
        )
        await ask()
        const hit = await ask()
        expect(Math.abs(Date.parse(hit.header('date') ?? '') - Date.now())).to.be.lessThan(60_000)
      })

      it('does not show one origin to another', async () => {
        const { ask } = await serve((req, res) => {
          res.set('Access-Control-Allow-Origin', req.get('origin') ?? 'none').json({})
        })
        await ask({ Origin: 'https://a.example' })
        const other = await ask({ Origin: 'https://b.example' })
        expect(other.header('x-cache')).to.equal('HIT')
        expect(other.header('access-control-allow-origin')).to.equal(undefined)
      })

      it('stores nothing with Set-Cookie, so that nobody gets the cookie of another', async () => {
        let visitors = 0
        const { ask } = await serve((_req, res) => void res.cookie('sid', String(++visitors)).json({}))
        const answers = [await ask(), await ask()]
        expect(answers.map((answer) => answer.header('set-cookie'))).to.deep.equal([
          'sid=1; Path=/',
          'sid=2; Path=/',
        ])
      })

      it("leaves a cookie of middleware in front to each request's own", async () => {
        let visitors = 0
        const { ask } = await serve((_req, res) => void res.json({}), {
          before: (_req, res, next) => {
            res.cookie('sid', String(++visitors))
            next()
          },
        })
        const answers = [await ask(), await ask()]
        expect(answers.map((answer) => answer.header('set-cookie'))).to.deep.equal([
          'sid=1; Path=/',
          'sid=2; Path=/',
        ])
      })

      describe('and Vary', () => {
        const varying =
          (field: string): RequestHandler =>
          (_req, res) =>
            void res.vary(field).json({})
        const beforehand =
          (field: string): RequestHandler =>
          (_req, res, next) => {
            res.vary(field)
            next()
          }

        it('keeps an answer that varies on what the key does not name out, and warns of it once', async () => {
          const { ask, logger } = await serve(varying('Accept-Language'))
          const answers = [await ask(), await ask(), await ask({}, '2')]
          expect(xCachesOf(answers)).to.deep.equal(['MISS', 'MISS', 'MISS'])
          expect(logger.at('warn')).to.deep.equal([
            "cache.cacheable('thing:{id}') stores nothing: its answers say 'Vary: accept-language', and its key does not. Name the header in the option 'vary'.",
          ])
        })

        it('stores it where the rule names the header, and says nothing', async () => {
          const { ask, logger } = await serve(varying('Accept-Language'), {
            rule: { vary: ['Accept-Language'] },
          })
          const answers = [await ask(), await ask(), await ask({ 'Accept-Language': 'de' })]
          expect(xCachesOf(answers)).to.deep.equal(['MISS', 'HIT', 'MISS'])
          expect(logger.at('warn')).to.deep.equal([])
        })

        it('counts that of middleware in front, since the handler may go by what it found', async () => {
          const { ask, logger } = await serve((_req, res) => void res.json({}), {
            before: beforehand('Accept-Language'),
          })
          expect(xCachesOf([await ask(), await ask()])).to.deep.equal(['MISS', 'MISS'])
          expect(logger.at('warn')).to.have.lengthOf(1)
        })

        for (const field of ['Origin', 'Accept-Encoding']) {
          it(`does not count ${field} of middleware in front, and counts it of the handler`, async () => {
            const inFront = await serve((_req, res) => void res.json({}), { before: beforehand(field) })
            const answers = [await inFront.ask(), await inFront.ask()]
            expect(xCachesOf(answers)).to.deep.equal(['MISS', 'HIT'])
            expect(answers.map((answer) => answer.header('vary'))).to.deep.equal([field, field])
            expect(inFront.logger.at('warn')).to.deep.equal([])
            const behind = await serve(varying(field))
            expect(xCachesOf([await behind.ask(), await behind.ask()])).to.deep.equal(['MISS', 'MISS'])
            expect(behind.logger.at('warn')).to.have.lengthOf(1)
          })
        }

        it('never stores with *, whoever said it', async () => {
          for (const [handler, before] of [
            [varying('*'), undefined],
            [varying('Accept'), beforehand('*')],
          ] as const) {
            const { ask } = await serve(handler, {
              rule: { vary: ['Accept'] },
              ...(before ? { before } : {}),
            })
            expect(xCachesOf([await ask(), await ask()])).to.deep.equal(['MISS', 'MISS'])
          }
        })
      })
    })
  }
})
