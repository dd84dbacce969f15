import { brotliDecompressSync } from 'node:zlib'
import { expect } from 'chai'
import compression from 'compression'
import type { RequestHandler, Response } from 'express'
import type { CacheableOptions } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { partsOf } from '#src/cache-parts.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'
import { until } from '../support/until.js'

const ROWS = Array.from({ length: 60 }, (_, id) => ({
  id,
  name: `Customer ${id}`,
  email: `c${id}@mail.example`,
}))
const TEXT = JSON.stringify(ROWS)
const BR = { 'Accept-Encoding': 'gzip, br' }

onEachStore('answers that are kept compressed', (makeCache) => {
  const listen = serversOfSuite()

  interface SetUp {
    readonly options?: CacheableOptions
    readonly middleware?: RequestHandler
    readonly answer?: (res: Response) => unknown
    readonly isFront?: boolean
  }

  async function serve({ options, middleware, answer = (res) => res.json(ROWS), isFront }: SetUp = {}) {
    const { cache, events } = makeCache()
    let calls = 0
    const app = quietExpress()
    if (middleware) app.use(middleware)
    app.get('/rows', cache.cacheable('rows', 60, { compress: true, ...options }), (_req, res) => {
      calls += 1
      answer(res)
    })
    await cache.ready(app)
    const url = await listen(isFront ? cache.front(app) : app)
    return {
      cache,
      calls: () => calls,
      ask: (headers: Record<string, string> = {}, method = 'GET') =>
        sendRaw(url, { target: '/rows', headers, method }),
      filled: () => until('the fill', () => events.some(({ type }) => type === 'fill')),
      /** What lies in the store. */
      async stored(): Promise<Buffer> {
        const redis = cache.redis as Redis | null
        const [name] = redis ? await redis.keys(`${redis.options.keyPrefix ?? ''}*rows`) : []
        if (redis && name) return (await redis.getBuffer(name)) as Buffer
        return partsOf(cache).engine.hit('rows', 0)?.value as Buffer
      },
    }
  }

  const readable = ({ header, body }: RawAnswer) =>
    (header('content-encoding') === 'br' ? brotliDecompressSync(body) : body).toString()

  for (const isFront of [false, true]) {
    it(`are sent as they are to those who take it, and plain to the others${isFront ? ', from the front' : ''}`, async () => {
      const { ask, calls, filled } = await serve({
        isFront,
        ...(isFront ? { options: { visibility: 'public' } } : {}),
      })
      const miss = await ask(BR)
      expect([miss.header('x-cache'), miss.header('content-encoding'), miss.text]).to.deep.equal([
        'MISS',
        undefined,
        TEXT,
      ])
      await filled()
      for (let turn = 0; turn < 4; turn++) {
        for (const headers of [BR, {}]) {
          const hit = await ask(headers)
          expect(hit.header('x-cache')).to.equal('HIT')
          expect(hit.header('content-encoding')).to.equal(headers === BR ? 'br' : undefined)
          expect(readable(hit)).to.equal(TEXT)
          expect(hit.body.length).to.equal(Number(hit.header('content-length')))
          for (const name of ['etag', 'content-type', 'vary'])
            expect(hit.header(name), name).to.equal(miss.header(name))
        }
      }
      expect(miss.header('vary')).to.equal('Accept-Encoding')
      const encoded = await ask(BR)
      expect(encoded.body.length).to.be.lessThan(TEXT.length / 3)
      const same = await ask({ ...BR, 'If-None-Match': encoded.header('etag') as string })
      expect([same.status, same.body.length]).to.deep.equal([304, 0])
      const head = await ask({}, 'HEAD')
      expect(head.header('content-length')).to.equal(String(TEXT.length))
      expect(calls()).to.equal(1)
    })
  }

  it('take a fraction of the room, and are read by cache.get and cache.getMany', async () => {
    const { cache, ask, filled, stored } = await serve()
    await ask()
    await filled()
    expect((await stored()).length).to.be.lessThan(TEXT.length / 3)
    expect(await cache.get('rows')).to.deep.equal(ROWS)
    expect(await cache.getMany(['rows', 'none'])).to.deep.equal([ROWS, null])
  })

  it('weaken a strong tag where they are sent compressed', async () => {
    const { ask, filled } = await serve({ answer: (res) => res.set('ETag', '"strong"').json(ROWS) })
    await ask()
    await filled()
    expect((await ask()).header('etag')).to.equal('"strong"')
    expect((await ask(BR)).header('etag')).to.equal('W/"strong"')
  })

  const plain: [what: string, setUp: SetUp][] = [
    ['a short answer', { answer: (res) => res.json([1]) }],
    ['a picture', { answer: (res) => res.type('png').send(Buffer.from(TEXT)) }],
    [
      'what the handler has encoded itself, under a rule that varies by it',
      {
        answer: (res) => res.set('Content-Encoding', 'x').type('json').send(TEXT),
        options: { compress: true, vary: ['accept-encoding'] },
      },
    ],
    ['an answer of a rule that does not ask for it', { options: { compress: false } }],
  ]
  for (const [what, setUp] of plain) {
    it(`are not made of ${what}`, async () => {
      const { ask, filled } = await serve(setUp)
      const miss = await ask(BR)
      await filled()
      const hit = await ask(BR)
      expect(hit.header('x-cache')).to.equal('HIT')
      expect(hit.header('content-encoding')).to.equal(miss.header('content-encoding'))
      expect(hit.body.equals(miss.body)).to.equal(true)
    })
  }

  it('are none of what the handler has encoded itself, as the next client may not take that', async () => {
    const { ask } = await serve({
      answer: (res) => res.set('Content-Encoding', 'x').type('json').send(TEXT),
    })
    for (const accepted of [BR, {}, BR]) {
      const answer = await ask(accepted)
      expect([answer.header('x-cache'), answer.header('content-encoding')]).to.deep.equal(['MISS', 'x'])
    }
  })

  it('are left alone by compression that is mounted before the route', async () => {
    const { ask, filled } = await serve({ middleware: compression({ threshold: 0 }) as RequestHandler })
    await ask({})
    await filled()
    const hit = await ask({ 'Accept-Encoding': 'br' })
    expect([hit.header('x-cache'), hit.header('content-encoding'), readable(hit)]).to.deep.equal([
      'HIT',
      'br',
      TEXT,
    ])
  })

  it('exclude a mark, which is put into the JSON of each hit', () => {
    const { cache } = makeCache()
    expect(() => cache.cacheable('rows', 60, { compress: true, mark: 'cached' }))
      .to.throw()
      .with.property('code', 'E_CACHE_OPTION')
  })
})
