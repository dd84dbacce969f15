import { expect } from 'chai'
import { Router } from 'express'
import { answerOf } from '../../support/answer-of.js'
import { onEachExpress } from './served.js'

onEachExpress('issue 13, case 9: a load ends when its request leaves the route', (serve) => {
  for (const place of ['on the application', 'in a router'] as const) {
    it(`does not store what a guarded route behind answers, ${place}`, async () => {
      const { app, cache, start } = serve()
      app.get('/docs/:id', cache.cacheable('doc:{id}', 600), (req, res, next) => {
        if (req.params.id === '1') res.json({})
        else next()
      })
      const guarded = place === 'in a router' ? Router() : app
      guarded.get(
        '/docs/:id',
        (req, res, next) => {
          if (req.headers.authorization) next()
          else res.sendStatus(401)
        },
        (_req, res) => void res.json({ secret: true }),
      )
      if (guarded !== app) app.use(guarded)
      const url = await start()
      const member = await answerOf(`${url}/docs/2`, { headers: { Authorization: 'Bearer member' } })
      const anonymous = await answerOf(`${url}/docs/2`)
      expect([member.status, anonymous.status]).to.deep.equal([200, 401])
      expect(anonymous.text).not.to.include('secret')
      expect(await cache.get('doc:2')).to.equal(null)
    })
  }
})

onEachExpress('issue 13, case 10: a rule that is mounted by use', (serve) => {
  for (const [path, key] of [
    ['/api', 'api'],
    ['/api/:id', 'api:{id}'],
  ] as const) {
    it(`is refused at start, since its key does not tell what lies below ${path}`, async () => {
      const { app, cache } = serve()
      app.use(path, cache.cacheable(key, 60))
      const outcome = await cache.ready(app).then(
        () => 'ready',
        (error) => error.code,
      )
      expect(outcome).to.match(/^E_CACHE_/)
    })

    it(`is refused at its first request, at ${path}`, async () => {
      const { app, cache, start } = serve()
      app.use(path, cache.cacheable(key, 60))
      app.get('/api/1/:rest', (req, res) => void res.json(req.params.rest))
      const url = await start(false)
      expect((await answerOf(`${url}/api/1/a`)).status).to.equal(500)
    })
  }

  it('is looked for in routers too', async () => {
    const { app, cache } = serve()
    app.use('/v1', Router().use('/api', cache.cacheable('api', 60)))
    const outcome = await cache.ready(app).then(
      () => 'ready',
      (error) => error.code,
    )
    expect(outcome).to.match(/^E_CACHE_/)
  })

  it('stands with {url} in its key: path and sorted query as they came in', async () => {
    const { app, cache, start } = serve()
    let calls = 0
    app.use('/api', cache.cacheable('api:{url}', 60))
    app.get('/api/:id', (req, res) => {
      calls += 1
      res.json([req.params.id, req.query])
    })
    const url = await start()
    const texts: string[] = []
    for (const path of ['/api/a', '/api/b', '/api/a?x=1&y=2', '/api/a?y=2&x=1']) {
      texts.push((await answerOf(url + path)).text)
    }
    expect(texts).to.deep.equal([
      '["a",{}]',
      '["b",{}]',
      '["a",{"x":"1","y":"2"}]',
      '["a",{"x":"1","y":"2"}]',
    ])
    expect(calls).to.equal(3)
  })

  it('is warned of where it has {url}, since guards may stand behind it', async () => {
    const { app, cache, logger } = serve()
    app.use('/api', cache.cacheable('api:{url}', 60))
    app.get('/api/:id', (_req, res) => void res.json({}))
    await cache.ready(app)
    expect(logger.at('warn').join()).to.include('api:{url}')
  })
})
