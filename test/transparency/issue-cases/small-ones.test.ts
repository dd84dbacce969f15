import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { answerOf } from '../../support/answer-of.js'
import { sendRaw } from '../../support/raw-http.js'
import { onEachExpress } from './served.js'

onEachExpress('issue 13, case 14: small ones', (serve) => {
  it('compress leaves alone what must not be transformed', async () => {
    const { app, cache, start } = serve()
    app.get('/thing', cache.cacheable('thing', 60, { compress: true }), (_req, res) => {
      res.set('Cache-Control', 'no-transform').json({ text: 'long '.repeat(1_000) })
    })
    const url = await start()
    await answerOf(`${url}/thing`)
    const hit = await sendRaw(url, { target: '/thing', headers: { 'Accept-Encoding': 'br' } })
    expect([hit.header('x-cache'), hit.header('content-encoding')]).to.deep.equal(['HIT', undefined])
  })

  it('a 204 has no Content-Length', async () => {
    const { app, cache, start } = serve()
    app.get(
      '/thing',
      cache.cacheable('thing', 60, { statuses: [204] }),
      (_req, res) => void res.status(204).end(),
    )
    const url = await start()
    await answerOf(`${url}/thing`)
    const hit = await sendRaw(url, { target: '/thing' })
    expect([hit.header('x-cache'), hit.status, hit.header('content-length')]).to.deep.equal([
      'HIT',
      204,
      undefined,
    ])
  })

  it('a redirect is stored where its status is declared', async () => {
    const { app, cache, start } = serve()
    app.get(
      '/thing',
      cache.cacheable('thing', 60, { statuses: [301] }),
      (_req, res) => void res.redirect(301, '/a'),
    )
    const url = await start()
    await sendRaw(url, { target: '/thing' })
    const hit = await sendRaw(url, { target: '/thing' })
    expect([hit.header('x-cache'), hit.status, hit.header('location')]).to.deep.equal(['HIT', 301, '/a'])
  })

  for (const verb of ['get', 'put'] as const) {
    it(`a response that has been answered in front is left alone: ${verb}`, async () => {
      const { app, cache, start } = serve()
      const errors: unknown[] = []
      app.use((_req, res, next) => {
        res.json({ early: true })
        next()
      })
      app[verb]('/thing', verb === 'get' ? cache.cacheable('thing', 60) : cache.evict('thing'), () => {})
      app.get('/other', cache.cacheable('thing', 60), () => {})
      app.use((error: unknown, _req: unknown, _res: unknown, next: () => void) => {
        errors.push(error)
        next()
      })
      const url = await start()
      expect((await answerOf(`${url}/thing`, { method: verb.toUpperCase() })).text).to.equal('{"early":true}')
      expect(errors).to.deep.equal([])
    })
  }

  it('a 304 has no Content-Language', async () => {
    const { app, cache, start } = serve()
    app.get('/thing', cache.cacheable('thing', 60), (_req, res) => {
      res.set({ ETag: '"v1"', 'Content-Language': 'de', 'Content-Type': 'text/plain' }).send('text')
    })
    const url = await start()
    for (const expected of ['MISS', 'HIT']) {
      const answer = await sendRaw(url, { target: '/thing', headers: { 'If-None-Match': '"v1"' } })
      expect([answer.header('x-cache'), answer.status, answer.header('content-language')]).to.deep.equal([
        expected,
        304,
        undefined,
      ])
    }
  })

  it('an answer whose status message is invalid is not stored', async () => {
    const { app, cache, start } = serve()
    app.get('/thing', cache.cacheable('thing', 60), (_req, res) => {
      res.statusMessage = 'gelöscht ✓'
      res.json({})
    })
    const url = await start()
    await sendRaw(url, { target: '/thing' })
    expect(await cache.get('thing')).to.equal(null)
  })

  it("this in the front's listener is the server", async () => {
    const { app, cache } = serve()
    const seen: unknown[] = []
    const listener = cache.front(function listener(this: unknown, req, res) {
      seen.push(this)
      app(req, res)
    })
    app.get('/thing', (_req, res) => void res.json({}))
    const server: Server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await answerOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/thing`)
    server.closeAllConnections()
    server.close()
    expect(seen[0]).to.equal(server)
  })

  it('a write with rules that fails is a line at debug', async () => {
    const { app, cache, logger, start } = serve()
    app.put('/thing', cache.evict('thing'), (_req, res) => void res.sendStatus(404))
    app.get('/thing', cache.cacheable('thing', 60), (_req, res) => void res.json({}))
    const url = await start()
    await answerOf(`${url}/thing`, { method: 'PUT' })
    expect(logger.at('debug').filter((line) => line.includes('404'))).to.have.lengthOf(1)
  })
})
