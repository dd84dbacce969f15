import { expect } from 'chai'
import cookieSession from 'cookie-session'
import type { RequestHandler } from 'express'
import type { CacheOptions } from 'express-cacheable'
import onHeaders from 'on-headers'
import { answerOf } from '../../support/answer-of.js'
import { onEachExpress } from './served.js'

const setsOnHead =
  (name: string, value: string): RequestHandler =>
  (_req, res, next) => {
    onHeaders(res, () => res.setHeader(name, value))
    next()
  }
const sendsOk: RequestHandler = (_req, res) => void res.json({ ok: true })

onEachExpress('issue 13, case 5: the verdict is given when the head is final', (serve) => {
  for (const [name, value] of [
    ['Set-Cookie', 'sid=1'],
    ['Cache-Control', 'no-store'],
  ] as const) {
    for (const place of ['behind', 'in front'] as const) {
      it(`does not store what a hook ${place} gives ${name}`, async () => {
        const { app, cache, start } = serve()
        const rule = cache.cacheable('thing', 60)
        const hook = setsOnHead(name, value)
        if (place === 'behind') app.get('/thing', rule, hook, sendsOk)
        else app.use(hook).get('/thing', rule, sendsOk)
        const url = await start()
        const first = await answerOf(`${url}/thing`)
        const second = await answerOf(`${url}/thing`)
        expect([first.xCache, second.xCache]).to.deep.equal(['MISS', 'MISS'])
        expect(first.headers.get('cache-status')).not.to.include('stored')
        expect(second.headers.get(name)).to.equal(value)
      })
    }
  }

  it('does not store what a session behind the rule gives a cookie', async () => {
    const { app, cache, start } = serve()
    const session = cookieSession({ name: 'sid', keys: ['a key of the test'] }) as RequestHandler
    app.get('/thing', cache.cacheable('thing', 60), session, (req, res) => {
      ;(req as never as { session: object }).session = { user: 1 }
      res.json({})
    })
    const url = await start()
    await answerOf(`${url}/thing`)
    expect((await answerOf(`${url}/thing`)).xCache).to.equal('MISS')
  })

  it('stores, without them, what has harmless cookies alone', async () => {
    const { app, cache, start } = serve({ harmlessCookies: ['stats'] } as CacheOptions)
    let calls = 0
    app.get('/thing', cache.cacheable('thing', 60), setsOnHead('Set-Cookie', 'stats=1'), (_req, res) => {
      calls += 1
      res.json({})
    })
    const url = await start()
    expect((await answerOf(`${url}/thing`)).headers.get('set-cookie')).to.equal('stats=1')
    const hit = await answerOf(`${url}/thing`)
    expect([hit.xCache, hit.headers.get('set-cookie'), calls]).to.deep.equal(['HIT', null, 1])
  })

  it('does not store what has another cookie beside a harmless one', async () => {
    const { app, cache, start } = serve({ harmlessCookies: ['stats'] } as CacheOptions)
    app.get(
      '/thing',
      cache.cacheable('thing', 60),
      (_req, res) => void res.cookie('stats', '1').cookie('sid', '1').json({}),
    )
    const url = await start()
    await answerOf(`${url}/thing`)
    expect((await answerOf(`${url}/thing`)).xCache).to.equal('MISS')
  })

  const noCache: RequestHandler = (_req, res, next) => {
    res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' })
    next()
  }

  it('stores what middleware in front forbids to clients alone', async () => {
    const { app, cache, start } = serve({ clientHeaders: ['cache-control', 'pragma'] } as CacheOptions)
    app.use(noCache).get('/thing', cache.cacheable('thing', 60), sendsOk)
    const url = await start()
    await answerOf(`${url}/thing`)
    const hit = await answerOf(`${url}/thing`)
    expect([hit.xCache, hit.headers.get('cache-control')]).to.deep.equal(['HIT', 'no-store'])
  })

  it('does not store what the route itself forbids, whatever is for clients alone', async () => {
    const { app, cache, start } = serve({ clientHeaders: ['cache-control', 'pragma'] } as CacheOptions)
    app
      .use(noCache)
      .get(
        '/thing',
        cache.cacheable('thing', 60),
        (_req, res) => void res.set('Cache-Control', 'private').json({}),
      )
    const url = await start()
    await answerOf(`${url}/thing`)
    expect((await answerOf(`${url}/thing`)).xCache).to.equal('MISS')
  })
})
