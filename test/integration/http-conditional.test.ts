import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { RequestHandler, Response } from 'express'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { oneRouteOfSuite, xCachesOf } from '../support/one-route.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'

const CHANGED_AT = 'Tue, 01 Sep 2026 10:00:00 GMT'
const DAY_BEFORE = 'Mon, 31 Aug 2026 10:00:00 GMT'
const DAY_AFTER = 'Wed, 02 Sep 2026 10:00:00 GMT'

onEachStore('conditions and methods', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const listen = serversOfSuite()
      const serve = oneRouteOfSuite(makeCache, createApp)

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
    })
  }
})
