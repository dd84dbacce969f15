import { Readable } from 'node:stream'
import { expect } from 'chai'
import express, { type Request, type RequestHandler, type Response } from 'express'
import type { CacheableOptions } from 'express-cacheable'
import { parseList, Token } from 'structured-headers'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { type RawAnswer, type RawRequest, sendRaw } from '../support/raw-http.js'
import { until } from '../support/until.js'

const CHANGED_AT = 'Tue, 01 Sep 2026 10:00:00 GMT'
const DAY_BEFORE = 'Mon, 31 Aug 2026 10:00:00 GMT'
const DAY_AFTER = 'Wed, 02 Sep 2026 10:00:00 GMT'

onEachStore('conditions and methods', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const listen = serversOfSuite()

      /** Serves one cached route, `/thing`, for all methods. */
      async function serve(
        handler: RequestHandler,
        { rule = {}, before = [] }: { rule?: CacheableOptions; before?: RequestHandler[] } = {},
      ) {
        const { cache, events } = makeCache()
        const app = createApp()
        for (const middleware of before) app.use(middleware)
        let calls = 0
        app.all('/thing', cache.cacheable('thing', 60, rule), (req, res, next) => {
          calls++
          return handler(req, res, next)
        })
        await cache.ready(app)
        const url = await listen(app)
        return {
          cache,
          events,
          calls: () => calls,
          ask: (headers: Record<string, string> = {}, more: Partial<RawRequest> = {}) =>
            sendRaw(url, { target: '/thing', headers, ...more }),
        }
      }

      const xCachesOf = (answers: readonly RawAnswer[]) => answers.map((answer) => answer.header('x-cache'))

      describe('ETag', () => {
        const handlers: Record<string, { handler: RequestHandler; etag: RegExp }> = {
          'made by Express': { handler: (_req, res) => void res.json({ a: 1 }), etag: /^W\/"7-.+"$/ },
          'made by the cache for res.end': {
            handler: (_req, res) => void res.end('text'),
            etag: /^W\/"4-.+"$/,
          },
          "the handler's own, strong": {
            handler: (_req, res) => void res.set('ETag', '"v1"').json({ a: 1 }),
            etag: /^"v1"$/,
          },
          "the handler's own, weak, with a comma": {
            handler: (_req, res) => void res.set('ETag', 'W/"v,1"').end('x'),
            etag: /^W\/"v,1"$/,
          },
        }
        for (const [title, { handler, etag }] of Object.entries(handlers)) {
          it(`is the same on a hit and a miss: ${title}`, async () => {
            const { ask } = await serve(handler)
            const answers = [await ask(), await ask()]
            expect(xCachesOf(answers)).to.deep.equal(['MISS', 'HIT'])
            expect(answers[0]?.header('etag')).to.match(etag)
            expect(answers[1]?.header('etag')).to.equal(answers[0]?.header('etag'))
          })
        }

        it('is as the application says: strong, or none', async () => {
          for (const [setting, pattern] of [
            ['strong', /^"/],
            [false, /^undefined$/],
          ] as const) {
            const { cache } = makeCache()
            const app = createApp().set('etag', setting)
            app.get('/thing', cache.cacheable('thing', 60), (_req, res) => void res.json({}))
            await cache.ready(app)
            const url = await listen(app)
            for (let time = 0; time < 2; time++) {
              const answer = await sendRaw(url, { target: '/thing' })
              expect(String(answer.header('etag'))).to.match(pattern)
            }
          }
        })
      })

      describe('If-None-Match and If-Modified-Since', () => {
        const unchanged: Record<string, Record<string, string>> = {
          'the tag': { 'If-None-Match': '"v1"' },
          'a list with the tag': { 'If-None-Match': '"v0" , "v1","v2"' },
          'the tag as a weak one': { 'If-None-Match': 'W/"v1"' },
          'any tag': { 'If-None-Match': '*' },
          'the time of the change': { 'If-Modified-Since': CHANGED_AT },
          'a time after it': { 'If-Modified-Since': DAY_AFTER },
          'the tag, and a time before': { 'If-None-Match': '"v1"', 'If-Modified-Since': DAY_BEFORE },
        }
        const changed: Record<string, Record<string, string>> = {
          'another tag': { 'If-None-Match': '"v2"' },
          'a tag that begins alike': { 'If-None-Match': '"v"' },
          'a tag without quotes': { 'If-None-Match': 'v1' },
          'a time before the change': { 'If-Modified-Since': DAY_BEFORE },
          'no time at all': { 'If-Modified-Since': 'yesterday' },
          'another tag, and a time after': { 'If-None-Match': '"v2"', 'If-Modified-Since': DAY_AFTER },
          'the tag, and a wish for all of it': { 'If-None-Match': '"v1"', 'Cache-Control': 'no-cache' },
        }
        const cases = [
          ...Object.entries(unchanged).map((one) => [...one, 304] as const),
          ...Object.entries(changed).map((one) => [...one, 200] as const),
        ]
        for (const [title, headers, status] of cases) {
          it(`answer ${status} on a miss and on a hit to ${title}`, async () => {
            const { ask, calls } = await serve((_req, res) => {
              res.set({ ETag: '"v1"', 'Last-Modified': CHANGED_AT, 'X-Total': '3' }).json({ a: 1 })
            })
            const answers = [await ask(headers), await ask(headers)]
            expect(xCachesOf(answers)).to.deep.equal(['MISS', 'HIT'])
            expect(answers.map((answer) => answer.status)).to.deep.equal([status, status])
            const full = await ask()
            expect([full.status, full.text, calls()]).to.deep.equal([200, '{"a":1}', 1])
            for (const answer of answers) {
              expect(answer.text).to.equal(status === 304 ? '' : '{"a":1}')
              expect(answer.isComplete).to.equal(true)
              expect(answer.header('etag')).to.equal('"v1"')
              expect(answer.header('last-modified')).to.equal(CHANGED_AT)
            }
          })
        }

        it('answer 304 without the headers of a body', async () => {
          const { ask } = await serve((_req, res) => void res.json({ a: 1 }))
          const etag = (await ask()).header('etag') as string
          const answer = await ask({ 'If-None-Match': etag })
          expect(answer.status).to.equal(304)
          for (const field of ['content-length', 'content-type', 'transfer-encoding']) {
            expect(answer.header(field), field).to.equal(undefined)
          }
        })

        it('change nothing about an answer that is no 200', async () => {
          const { ask } = await serve((_req, res) => void res.status(404).set('ETag', '"v1"').json({}), {
            rule: { statuses: [404] },
          })
          for (let time = 0; time < 2; time++) {
            expect((await ask({ 'If-None-Match': '"v1"' })).status).to.equal(404)
          }
        })

        for (const [title, send] of [
          ['in pieces', (res: Response) => void Readable.from(['a', 'b']).pipe(res)],
          ['too large to store', (res: Response) => void res.send(Buffer.alloc(2 * 1024 * 1024))],
          ['not to be stored', (res: Response) => void res.set('Cache-Control', 'no-store').json({})],
        ] as const) {
          it(`spare who has it an answer ${title}, as without a cache`, async () => {
            const { ask } = await serve((_req, res) => {
              res.set('ETag', '"v1"')
              send(res)
            })
            const answer = await ask({ 'If-None-Match': '"v1"' })
            expect([answer.status, answer.header('x-cache'), answer.body.length]).to.deep.equal([
              304,
              'MISS',
              0,
            ])
          })
        }
      })

      describe('HEAD', () => {
        it("never fills the GET's entry", async () => {
          const { ask, calls } = await serve((_req, res) => void res.json({ a: 1 }))
          const head = await ask({}, { method: 'HEAD' })
          const get = await ask()
          expect(xCachesOf([head, get])).to.deep.equal(['BYPASS', 'MISS'])
          expect([head.text, get.text, calls()]).to.deep.equal(['', '{"a":1}', 2])
        })

        it("has the headers of the GET's hit, and no body", async () => {
          const { ask, calls } = await serve((_req, res) => void res.set('X-Total', '3').json({ a: 1 }))
          await ask()
          const [get, head] = [await ask(), await ask({}, { method: 'HEAD' })]
          const comparable = ({ fields }: RawAnswer) =>
            fields.filter(([field]) => !['Date', 'Age', 'Cache-Status'].includes(field))
          expect(comparable(head)).to.deep.equal(comparable(get))
          expect([head.header('x-cache'), head.body.length, calls()]).to.deep.equal(['HIT', 0, 1])
        })

        it('is answered 304 where a GET would be', async () => {
          const { ask } = await serve((_req, res) => void res.set('ETag', '"v1"').json({ a: 1 }))
          await ask()
          expect((await ask({ 'If-None-Match': '"v1"' }, { method: 'HEAD' })).status).to.equal(304)
        })

        it('says no wrong length on a route with a mark, with an entry or without', async () => {
          const { ask } = await serve((_req, res) => void res.json({ a: 1 }), { rule: { mark: 'cached' } })
          const without = await ask({}, { method: 'HEAD' })
          expect([without.status, without.header('content-length')]).to.deep.equal([200, undefined])
          await ask()
          const length = Buffer.byteLength('{"a":1,"cached":true}')
          expect((await ask({}, { method: 'HEAD' })).header('content-length')).to.equal(String(length))
        })
      })

      describe('Cache-Status', () => {
        /** RFC 9211, section 2: a list of caches with parameters. */
        function statusOf(answer: RawAnswer): Record<string, unknown> {
          const [[cache, parameters] = [undefined, new Map()], ...others] = parseList(
            answer.header('cache-status') ?? '',
          )
          expect(String(cache)).to.equal('express-cacheable')
          expect(others).to.deep.equal([])
          return Object.fromEntries(
            [...parameters].map(([key, value]) => [key, value instanceof Token ? `token ${value}` : value]),
          )
        }

        it('says hit, miss and bypass in the grammar of RFC 9211', async () => {
          const { ask } = await serve((_req, res) => void res.json({ a: 1 }))
          expect(statusOf(await ask())).to.deep.equal({ fwd: 'token miss', stored: true })
          const hit = statusOf(await ask())
          expect(hit).to.have.all.keys('hit', 'ttl')
          expect(hit.hit).to.equal(true)
          expect(hit.ttl).to.be.within(55, 60)
          expect(statusOf(await ask({ Range: 'bytes=0-1' }))).to.deep.equal({
            fwd: 'token bypass',
            detail: 'Range',
          })
        })

        it('says why an answer is not stored', async () => {
          const { ask } = await serve((_req, res) => void res.status(404).json({}))
          expect(statusOf(await ask())).to.deep.equal({ fwd: 'token miss', detail: 'status 404' })
        })

        it('says that another request has loaded the answer', async () => {
          const loading = gate()
          let asked = 0
          const { ask, events } = await serve(
            async (_req, res) => {
              await loading.wait
              res.json({ a: 1 })
            },
            {
              before: [
                (_req, _res, next) => {
                  asked++
                  next()
                },
              ],
            },
          )
          const answers = [ask(), ask()]
          await until('both to have asked', () => asked === 2)
          loading.open()
          const details = (await Promise.all(answers)).map(statusOf)
          expect(details).to.have.deep.members([
            { fwd: 'token miss', stored: true },
            { fwd: 'token miss', collapsed: true },
          ])
          expect(events.filter(({ type }) => type === 'miss')).to.have.lengthOf(2)
        })

        it('comes with an Age of whole seconds on a hit, and with none on a miss', async () => {
          const { ask, cache } = await serve((_req, res) => void res.json({ a: 1 }))
          const answers = [await ask(), await ask()]
          expect(answers[0]?.header('age')).to.equal(undefined)
          expect(answers[1]?.header('age')).to.match(/^\d$/)
          await cache.set('thing', { a: 2 }, 10)
          expect((await ask()).header('age')).to.match(/^5\d$/)
        })
      })

      describe("the request's Cache-Control", () => {
        const counting = (): RequestHandler => {
          let version = 0
          return (_req, res) => void res.json({ version: ++version })
        }

        it('does nothing by default', async () => {
          const { ask, calls } = await serve(counting())
          await ask()
          for (const headers of [
            { 'Cache-Control': 'no-cache' },
            { 'Cache-Control': 'no-store' },
            { 'Cache-Control': 'max-age=0' },
            { Pragma: 'no-cache' },
          ] as Record<string, string>[]) {
            const answer = await ask(headers)
            expect([answer.header('x-cache'), answer.text]).to.deep.equal(['HIT', '{"version":1}'])
          }
          expect(calls()).to.equal(1)
        })

        const rule = { honorRequestCacheControl: true }

        for (const [title, headers] of Object.entries<Record<string, string>>({
          'no-cache': { 'Cache-Control': 'No-Cache' },
          'max-age=0': { 'Cache-Control': 'max-age=0' },
          'an old Pragma': { Pragma: 'no-cache' },
        })) {
          it(`reloads for ${title} where the rule honors it, and others hit the new answer`, async () => {
            const { ask, calls } = await serve(counting(), { rule })
            expect([(await ask()).text, (await ask()).text]).to.deep.equal(['{"version":1}', '{"version":1}'])
            const reloaded = await ask(headers)
            expect([reloaded.header('x-cache'), reloaded.text]).to.deep.equal(['MISS', '{"version":2}'])
            expect(reloaded.header('cache-status')).to.equal('express-cacheable;fwd=request;stored')
            const after = await ask()
            expect([after.header('x-cache'), after.text, calls()]).to.deep.equal(['HIT', '{"version":2}', 2])
          })
        }

        it('neither looks up nor stores for no-store', async () => {
          const { ask } = await serve(counting(), { rule })
          const noStore = { 'Cache-Control': 'no-store' }
          const answers = [await ask(noStore), await ask(), await ask(noStore), await ask()]
          expect(xCachesOf(answers)).to.deep.equal(['BYPASS', 'MISS', 'BYPASS', 'HIT'])
          expect(answers.map(({ text }) => text)).to.deep.equal(
            [1, 2, 3, 2].map((version) => JSON.stringify({ version })),
          )
        })

        it('ignores what it does not know or cannot read', async () => {
          const { ask } = await serve(counting(), { rule })
          await ask()
          for (const field of ['max-age=10', 'min-fresh=5', 'x="no-cache"', 'no-cachet', '=,no-store;;']) {
            expect((await ask({ 'Cache-Control': field })).header('x-cache'), field).to.equal('HIT')
          }
        })

        it("shows a failed reload to who asked for it, and leaves the others' entry", async () => {
          let isBroken = false
          const { ask } = await serve(
            (_req, res) => void res.status(isBroken ? 500 : 200).json({ isBroken }),
            { rule },
          )
          await ask()
          isBroken = true
          expect((await ask({ 'Cache-Control': 'no-cache' })).status).to.equal(500)
          expect((await ask()).header('x-cache')).to.equal('HIT')
        })

        it('does not answer a HEAD for now from an entry', async () => {
          const { ask } = await serve(counting(), { rule })
          await ask()
          const head = await ask({ 'Cache-Control': 'no-cache' }, { method: 'HEAD' })
          expect(head.header('x-cache')).to.equal('BYPASS')
        })
      })

      describe('requests that no entry is for', () => {
        it('go to the handler for a Range, before and after the entry is there', async () => {
          const { ask } = await serve((req, res) => {
            if (req.headers.range === undefined) return void res.set('Accept-Ranges', 'bytes').send('whole')
            res.status(206).set('Content-Range', 'bytes 0-1/5').send('wh')
          })
          const range = { Range: 'bytes=0-1' }
          const answers = [await ask(range), await ask(), await ask(range), await ask()]
          expect(xCachesOf(answers)).to.deep.equal(['BYPASS', 'MISS', 'BYPASS', 'HIT'])
          expect(answers.map(({ status, text }) => [status, text])).to.deep.equal([
            [206, 'wh'],
            [200, 'whole'],
            [206, 'wh'],
            [200, 'whole'],
          ])
        })

        it('store nothing of a part that nobody asked for', async () => {
          const { ask } = await serve(
            (_req, res) => void res.status(206).set('Content-Range', 'bytes 0-1/5').send('wh'),
            { rule: { statuses: [200, 206] } },
          )
          expect(xCachesOf([await ask(), await ask()])).to.deep.equal(['MISS', 'MISS'])
        })

        const bodies: Record<string, Partial<RawRequest>> = {
          'a body with its length': { headers: { 'Content-Length': '7' }, body: '{"a":9}' },
          'a body in chunks': {
            headers: { 'Transfer-Encoding': 'chunked' },
            body: '7\r\n{"a":9}\r\n0\r\n\r\n',
          },
        }
        for (const [title, { headers = {}, body = '' }] of Object.entries(bodies)) {
          it(`go to the handler for a GET with ${title}, and leave the entry alone`, async () => {
            const { ask } = await serve((req, res) => void res.json(req.body ?? {}), {
              before: [express.json()],
            })
            const withBody = () => ask({ 'Content-Type': 'application/json', ...headers }, { body })
            const answers = [await withBody(), await ask(), await withBody(), await ask()]
            expect(xCachesOf(answers)).to.deep.equal(['BYPASS', 'MISS', 'BYPASS', 'HIT'])
            expect(answers.map(({ text }) => text)).to.deep.equal(['{"a":9}', '{}', '{"a":9}', '{}'])
          })
        }

        it('take a GET with an empty body for what it is', async () => {
          const { ask } = await serve((_req, res) => void res.json({}))
          const answers = [await ask({ 'Content-Length': '0' }), await ask()]
          expect(xCachesOf(answers)).to.deep.equal(['MISS', 'HIT'])
        })

        it('go to the handler for a GET that came as a POST', async () => {
          const { ask } = await serve(
            (req, res) => void res.json({ from: (req as Overridden).originalMethod }),
            { before: [methodOverride] },
          )
          const overridden = () => ask({ 'X-HTTP-Method-Override': 'GET' }, { method: 'POST' })
          const answers = [await overridden(), await ask(), await overridden(), await ask()]
          expect(xCachesOf(answers)).to.deep.equal(['BYPASS', 'MISS', 'BYPASS', 'HIT'])
          expect(answers.map(({ text }) => text)).to.deep.equal(
            ['POST', 'GET', 'POST', 'GET'].map((from) => JSON.stringify({ from })),
          )
        })

        it('go to the handler for a GET that has become another method', async () => {
          const { ask } = await serve((req, res) => void res.json({ method: req.method }), {
            before: [methodOverride],
          })
          const deleting = () => ask({ 'X-HTTP-Method-Override': 'DELETE' })
          const answers = [await deleting(), await ask(), await deleting()]
          expect(xCachesOf(answers)).to.deep.equal(['BYPASS', 'MISS', 'BYPASS'])
          expect(answers[2]?.text).to.equal('{"method":"DELETE"}')
        })
      })
    })
  }
})

interface Overridden extends Request {
  originalMethod?: string
}

/** What the package method-override does to a request. */
const methodOverride: RequestHandler = (req: Overridden, _res, next) => {
  req.originalMethod ??= req.method
  req.method = req.get('x-http-method-override') ?? req.method
  next()
}
