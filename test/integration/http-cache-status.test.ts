import { expect } from 'chai'
import { parseList, Token } from 'structured-headers'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { gate } from '../support/gate.js'
import { onEachStore } from '../support/on-each-store.js'
import { oneRouteOfSuite } from '../support/one-route.js'
import type { RawAnswer } from '../support/raw-http.js'
import { until } from '../support/until.js'

onEachStore('Cache-Status', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const serve = oneRouteOfSuite(makeCache, createApp)

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
  }
})
