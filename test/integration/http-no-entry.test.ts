import { expect } from 'chai'
import express, { type Request, type RequestHandler } from 'express'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { onEachStore } from '../support/on-each-store.js'
import { oneRouteOfSuite, xCachesOf } from '../support/one-route.js'
import type { RawRequest } from '../support/raw-http.js'

onEachStore('requests that no entry is for', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const serve = oneRouteOfSuite(makeCache, createApp)

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
