import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import compression from 'compression'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'

const TEXT = 'the same words again and again, '.repeat(100)

onEachStore('a cached route behind compression', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const listen = serversOfSuite()
      let url: string
      let calls: number
      beforeEach(async () => {
        calls = 0
        const { cache } = makeCache()
        const app = createApp()
        app.use(compression({ threshold: 0 }))
        app.get('/whole', cache.cacheable('whole', 60), (_req, res) => {
          calls++
          res.json({ TEXT })
        })
        app.get('/pieces', cache.cacheable('pieces', 60), (_req, res) => {
          calls++
          res.type('text')
          res.write(TEXT)
          res.end(TEXT)
        })
        await cache.ready(app)
        url = await listen(app)
      })

      const ask = (target: string, headers: Record<string, string> = {}, method = 'GET') =>
        sendRaw(url, { target, headers, method })
      const zipped = { 'Accept-Encoding': 'gzip' }

      function readable({ header, body }: RawAnswer): string {
        return (header('content-encoding') === 'gzip' ? gunzipSync(body) : body).toString()
      }

      for (const [target, expected] of [
        ['/whole', JSON.stringify({ TEXT })],
        ['/pieces', TEXT + TEXT],
      ] as const) {
        for (const [title, askers] of [
          ['one who reads gzip', [zipped, {}, zipped]],
          ['one who does not', [{}, zipped, {}]],
        ] as const) {
          it(`gives everyone of ${target} what they can read, filled by ${title}`, async () => {
            const answers: RawAnswer[] = []
            for (const headers of askers) answers.push(await ask(target, headers))
            expect(answers.map((answer) => answer.header('x-cache'))).to.deep.equal(['MISS', 'HIT', 'HIT'])
            expect(answers.map((answer) => answer.header('content-encoding'))).to.deep.equal(
              askers.map((headers) => (headers === zipped ? 'gzip' : undefined)),
            )
            for (const answer of answers) {
              expect(readable(answer)).to.equal(expected)
              expect(answer.isComplete).to.equal(true)
              expect(answer.header('vary')).to.equal('Accept-Encoding')
            }
            expect(calls).to.equal(1)
          })
        }
      }

      it('has one ETag for both, and answers 304 to both', async () => {
        const etags = [await ask('/whole', zipped), await ask('/whole')].map((answer) =>
          answer.header('etag'),
        )
        expect(etags[0]).to.be.a('string').and.to.equal(etags[1])
        for (const headers of [zipped, {}]) {
          const answer = await ask('/whole', { ...headers, 'If-None-Match': etags[0] as string })
          expect([answer.status, answer.header('content-encoding'), answer.body.length]).to.deep.equal([
            304,
            undefined,
            0,
          ])
        }
      })

      it('answers HEAD without a body to both', async () => {
        await ask('/whole', zipped)
        for (const headers of [zipped, {}]) {
          const answer = await ask('/whole', headers, 'HEAD')
          expect([answer.status, answer.header('x-cache'), answer.body.length]).to.deep.equal([200, 'HIT', 0])
        }
      })

      it('does not store what was compressed behind the cache, so that nobody gets it who cannot read it', async () => {
        const { cache } = makeCache()
        const app = createApp()
        app.get('/', cache.cacheable('behind', 60), compression({ threshold: 0 }), (_req, res) => {
          res.json({ TEXT })
        })
        await cache.ready(app)
        const inner = await listen(app)
        for (const headers of [zipped, {}, zipped]) {
          const answer = await sendRaw(inner, { target: '/', headers })
          expect(readable(answer)).to.equal(JSON.stringify({ TEXT }))
          expect(answer.header('content-encoding')).to.equal(headers === zipped ? 'gzip' : undefined)
        }
      })
    })
  }
})
