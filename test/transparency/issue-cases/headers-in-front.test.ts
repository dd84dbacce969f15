import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { answerOf } from '../../support/answer-of.js'
import { onEachExpress } from './served.js'

onEachExpress('issue 13, case 13: what middleware in front has set', (serve) => {
  const typeInFront: RequestHandler = (_req, res, next) => {
    res.set('Content-Type', 'application/json')
    next()
  }

  it('makes an entry plain JSON where its type does', async () => {
    const { app, cache, start } = serve()
    app.use(typeInFront)
    app.get(
      '/thing',
      cache.cacheable('thing', 60, { mark: 'cached' }),
      (_req, res) => void res.end('{"a":1}'),
    )
    const url = await start()
    await answerOf(`${url}/thing`)
    expect(await cache.get('thing')).to.deep.equal({ a: 1 })
    const hit = await answerOf(`${url}/thing`)
    expect([hit.xCache, hit.text]).to.deep.equal(['HIT', '{"a":1,"cached":true}'])
  })

  for (const [title, header] of [
    ['language', 'Content-Language'],
    ['nonce', 'Content-Security-Policy'],
  ] as const) {
    it(`stays with the body that was made with it: ${title}`, async () => {
      const { app, cache, logger, start } = serve()
      let count = 0
      app.use((_req, res, next) => {
        count += 1
        res.set(header, header === 'Content-Language' ? `x-${count}` : `script-src 'nonce-${count}'`)
        next()
      })
      app.get(
        '/thing',
        cache.cacheable('thing', 60),
        (_req, res) => void res.send(`made with ${res.get(header)}`),
      )
      const url = await start()
      for (let request = 0; request < 3; request += 1) {
        const { headers, text } = await answerOf(`${url}/thing`)
        expect(text).to.equal(`made with ${headers.get(header)}`)
      }
      expect(
        logger.at('warn').filter((line) => line.toLowerCase().includes(header.toLowerCase())),
      ).to.have.lengthOf(1)
    })
  }
})
