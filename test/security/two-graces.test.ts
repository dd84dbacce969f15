import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type CacheableOptions, CacheError } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

const TTL_SECONDS = 1

/** Freshness is told from what a key has left to live. */
onEachStore('two rules on one key with different graces', (makeCache) => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  const pairs: readonly [what: string, one: CacheableOptions, other: CacheableOptions][] = [
    ['staleWhileRevalidate and none', { staleWhileRevalidate: 3_600 }, {}],
    ['staleIfError and none', { staleIfError: 3_600 }, {}],
    ['an hour and a minute', { staleWhileRevalidate: 3_600 }, { staleWhileRevalidate: 60 }],
  ]
  for (const [what, one, other] of pairs) {
    it(`are refused at start, or no hit outlives its TTL: ${what}`, async () => {
      const { cache } = makeCache()
      let loads = 0
      const app = quietExpress()
      const answer = (_req: unknown, res: { json(body: object): unknown }) => void res.json({ load: ++loads })
      app.get('/one/:id', cache.cacheable('row:{id}', TTL_SECONDS, one), answer)
      app.get('/other/:id', cache.cacheable('row:{id}', TTL_SECONDS, other), answer)
      const mistake = await cache.ready(app).then(
        () => null,
        (error: unknown) => error,
      )
      if (mistake !== null) {
        expect(mistake).to.be.instanceOf(CacheError)
        expect((mistake as CacheError).message).to.contain('row:{id}')
        return
      }
      server = await listen(app)
      const { url } = server
      for (const [first, second] of [
        ['one', 'other'],
        ['other', 'one'],
      ] as const) {
        await answerOf(`${url}/${first}/${first}`)
        const hit = await answerOf(`${url}/${second}/${first}`)
        const ttl = Number(/ttl=(-?\d+)/.exec(hit.headers.get('cache-status') ?? '')?.[1] ?? 0)
        expect(ttl, `what ${second} says of what ${first} stored`).to.be.within(0, TTL_SECONDS)
        // The matter is time: a value past its TTL is no fresh hit to anybody.
        await sleep(TTL_SECONDS * 1_000 + 100)
        expect((await answerOf(`${url}/${second}/${first}`)).xCache).not.to.equal('HIT')
      }
    })
  }

  it('are accepted where the graces are the same', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    const options = { staleWhileRevalidate: 60 }
    app.get('/one/:id', cache.cacheable('row:{id}', 1, options), (_req, res) => void res.json({}))
    app.get('/other/:id', cache.cacheable('row:{id}', 1, options), (_req, res) => void res.json({}))
    await cache.ready(app)
  })
})
