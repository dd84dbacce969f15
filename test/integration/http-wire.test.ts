import { expect } from 'chai'
import type { RequestHandler } from 'express'
import type { CacheableOptions } from 'express-cacheable'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'

/** In these alone a hit may differ from the miss of the same request. */
const MAY_DIFFER: ReadonlySet<string> = new Set(['x-cache', 'cache-status', 'age', 'date'])

interface WireCase {
  readonly handler: RequestHandler
  readonly rule?: CacheableOptions
  readonly request?: Readonly<Record<string, string>>
  /** How the end of the body is told: on the miss, and on the hit. */
  readonly framing: readonly [miss: RawAnswer['framing'], hit: RawAnswer['framing']]
  /** Differences that the framing brings with it. */
  readonly alsoDiffers?: readonly string[]
}

const CASES: Readonly<Record<string, WireCase>> = {
  JSON: { handler: (_req, res) => void res.json({ a: ['ü', 1, null] }), framing: ['length', 'length'] },
  HTML: { handler: (_req, res) => void res.send('<p>hällo</p>'), framing: ['length', 'length'] },
  'a declared 404': {
    handler: (_req, res) => void res.status(404).json({ error: 'none' }),
    rule: { statuses: [200, 404] },
    framing: ['length', 'length'],
  },
  'headers of the route': {
    handler: (_req, res) =>
      void res
        .set({ 'X-Total': '3', Link: ['</a>', '</b>'], 'Cache-Control': 'max-age=30', ETag: '"v1"' })
        .type('text/csv')
        .send('a,b\r\n'),
    framing: ['length', 'length'],
  },
  'res.end without a type': { handler: (_req, res) => void res.end('text'), framing: ['length', 'length'] },
  'an empty body': { handler: (_req, res) => void res.send(''), framing: ['length', 'length'] },
  'a rule that varies': {
    handler: (_req, res) => void res.vary('Accept-Language').json({}),
    rule: { vary: ['Accept-Language'] },
    request: { 'Accept-Language': 'de' },
    framing: ['length', 'length'],
  },
  'a 304': {
    handler: (_req, res) => void res.set('ETag', '"v1"').json({}),
    request: { 'If-None-Match': '"v1"' },
    framing: ['none', 'none'],
  },
  'writes in pieces, which have a length and a tag only once they are over': {
    handler: (_req, res) => {
      res.type('text').write('one, ')
      res.end('two')
    },
    framing: ['chunked', 'length'],
    alsoDiffers: ['transfer-encoding', 'content-length', 'etag'],
  },
}

onEachStore('a hit on the wire', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const listen = serversOfSuite()

      for (const [title, { handler, rule, request = {}, framing, alsoDiffers = [] }] of Object.entries(
        CASES,
      )) {
        it(`is the miss, but for what the cache says of itself: ${title}`, async () => {
          const { cache } = makeCache()
          const app = createApp()
          app.use((_req, res, next) => {
            res.set('X-Frame-Options', 'DENY')
            next()
          })
          app.get('/thing', cache.cacheable('thing', 60, rule), handler)
          await cache.ready(app)
          const url = await listen(app)
          const miss = await sendRaw(url, { target: '/thing', headers: request })
          const hit = await sendRaw(url, { target: '/thing', headers: request })

          expect([miss.header('x-cache'), hit.header('x-cache')]).to.deep.equal(['MISS', 'HIT'])
          expect(hit.statusLine).to.equal(miss.statusLine)
          expect(differences(miss, hit, new Set([...MAY_DIFFER, ...alsoDiffers]))).to.equal('')
          expect(hit.body.toString('hex')).to.equal(miss.body.toString('hex'))
          expect([miss.framing, hit.framing]).to.deep.equal(framing)
          expect([miss.isComplete, hit.isComplete]).to.deep.equal([true, true])
        })
      }
    })
  }
})

/** The lines that one head has and the other has not, as a diff. Case and order of names mean nothing. */
function differences(miss: RawAnswer, hit: RawAnswer, allowed: ReadonlySet<string>): string {
  const [before, after] = [linesOf(miss), linesOf(hit)]
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ].join('\n')

  function linesOf({ fields }: RawAnswer): string[] {
    return fields
      .map(([field, value]) => [field.toLowerCase(), value] as const)
      .filter(([field]) => !allowed.has(field))
      .map(([field, value]) => `${field}: ${value}`)
  }
}
