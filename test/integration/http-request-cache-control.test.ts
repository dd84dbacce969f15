import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { onEachStore } from '../support/on-each-store.js'
import { oneRouteOfSuite, xCachesOf } from '../support/one-route.js'

onEachStore("the request's Cache-Control", (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const serve = oneRouteOfSuite(makeCache, createApp)

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
        const { ask } = await serve((_req, res) => void res.status(isBroken ? 500 : 200).json({ isBroken }), {
          rule,
        })
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
  }
})
