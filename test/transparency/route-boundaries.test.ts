import 'reflect-metadata'
import { expect } from 'chai'
import { type ErrorRequestHandler, type Express, type RequestHandler, Router } from 'express'
import { CacheError, type CacheOptions, createCache } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { listen } from '../support/http.js'
import { recordingLogger } from '../support/recording-logger.js'

for (const { name, createApp } of EXPRESS_VERSIONS) {
  describe(`a lookup is for the answers of its own route (${name})`, () => {
    const closing: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const close of closing.splice(0)) await close()
    })

    type MountedCache = ReturnType<typeof createCache>

    async function serve(mount: (app: Express, cache: MountedCache) => void, options: CacheOptions = {}) {
      const logger = recordingLogger()
      const cache = createCache({ logger, ...options })
      const app = createApp()
      mount(app, cache)
      const server = await listen(app)
      closing.push(
        () => server.close(),
        () => cache.close(),
      )
      const ask = (path: string, member = false) =>
        answerOf(server.url + path, { headers: member ? { 'x-member': '1' } : {} })
      return { cache, logger, app, ask }
    }

    const guard: RequestHandler = (req, res, next) => {
      if (req.get('x-member')) next()
      else res.status(401).json({})
    }
    const secret: RequestHandler = (_req, res) => void res.json({ secret: true })

    const recover: ErrorRequestHandler = (_error, _req, res, _next) => void res.json({ error: true })

    const waysOn: readonly [way: string, goOn: RequestHandler][] = [
      ['next()', (_req, _res, next) => next()],
      [`next('route')`, (_req, _res, next) => next('route')],
      ['next() in a later turn', (_req, _res, next) => void setImmediate(next)],
    ]
    const behind: readonly [what: string, mount: (app: Express) => void][] = [
      ['another route', (app) => void app.get('/docs/:id', guard, secret)],
      ['a router', (app) => void app.use('/docs', guard, Router().get('/:id', secret))],
      ['middleware', (app) => void app.use(guard, secret)],
    ]
    for (const [way, goOn] of waysOn) {
      for (const [what, mount] of behind) {
        it(`and none of ${what} that it is left for by ${way}`, async () => {
          const { ask, cache } = await serve((app, own) => {
            app.get('/docs/:id', own.cacheable('doc:{id}', 600), goOn)
            mount(app)
          })
          for (let turn = 0; turn < 2; turn++) {
            expect((await ask('/docs/2', true)).text).to.equal('{"secret":true}')
            expect((await ask('/docs/2')).status).to.equal(401)
          }
          expect(await cache.get('doc:2')).to.equal(null)
        })
      }
    }

    it('and none of a route behind that the middleware itself is the last before', async () => {
      const { ask } = await serve((app, cache) => {
        app.get('/docs/:id', cache.cacheable('doc:{id}', 600))
        app.get('/docs/:id', guard, secret)
      })
      expect((await ask('/docs/1', true)).status).to.equal(200)
      expect((await ask('/docs/1')).status).to.equal(401)
    })

    for (const [what, mount] of behind) {
      it(`and none of ${what} that a second lookup goes on to`, async () => {
        const { ask } = await serve((app, cache) => {
          app.get('/docs/:id', cache.cacheable('doc:{id}', 600), cache.cacheable('same:{id}', 600))
          mount(app)
        })
        for (let turn = 0; turn < 2; turn++) {
          expect((await ask('/docs/1', true)).status).to.equal(200)
          expect((await ask('/docs/1')).status).to.equal(401)
        }
      })
    }

    it('and none of an error handler behind a second lookup that fails', async () => {
      const { ask } = await serve((app, cache) => {
        app.use((_req, res, next) => {
          Object.defineProperty(res.locals, 'name', {
            get() {
              throw new Error('lost')
            },
          })
          next()
        })
        app.get('/a', cache.cacheable('a', 60), cache.cacheable('a:{locals.name}', 60), secret)
        app.use(recover)
      })
      for (let turn = 0; turn < 2; turn++) {
        const { xCache, text } = await ask('/a')
        expect([xCache, text]).to.deep.equal(['MISS', '{"error":true}'])
      }
    })

    it('and none of an error handler that says 200', async () => {
      const { ask } = await serve((app, cache) => {
        app.get('/a', cache.cacheable('a', 60), (_req, _res, next) => next(new Error('lost')))
        app.use(recover)
      })
      for (let turn = 0; turn < 2; turn++) expect((await ask('/a')).xCache).to.equal('MISS')
    })

    it('and is kept where handlers of the route follow each other', async () => {
      const { ask } = await serve((app, cache) => {
        app.get('/a', cache.cacheable('a', 60), (_req, _res, next) => next(), secret)
      })
      expect([(await ask('/a')).xCache, (await ask('/a')).xCache]).to.deep.equal(['MISS', 'HIT'])
    })

    it('lets those go at once who wait for a load that leaves its route', async () => {
      let waiting = 0
      const { ask } = await serve((app, cache) => {
        app.get('/a', cache.cacheable('a', 60), (_req, _res, next) => next())
        app.get('/a', async (_req, res) => {
          waiting++
          while (waiting < 2) await new Promise((resolve) => setImmediate(resolve))
          res.json({})
        })
      })
      const answers = await Promise.all([ask('/a'), ask('/a')])
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 200])
    })

    it('is refused where use() mounts it without {url} in the key, at start and at the first request', async () => {
      const { ask, app, cache } = await serve((own, made) => {
        own.use('/api', made.cacheable('api', 60))
        own.get('/api/a', secret)
      })
      expect((await ask('/api/a')).status).to.equal(500)
      expect(() => cache.verify(app))
        .to.throw(CacheError, 'add {url} to the key')
        .with.property('code', 'E_CACHE_MOUNT')
    })

    it('is found by ready() in a router that use() mounts', async () => {
      const { app, cache } = await serve((own, made) => {
        own.use('/api', Router().use('/:id', made.cacheable('api:{id}', 60)))
      })
      expect(() => cache.verify(app)).to.throw(CacheError, 'E_CACHE_MOUNT')
    })

    it('tells URLs apart with {url}, and warns of what stands behind', async () => {
      const { ask, app, cache, logger } = await serve((own, made) => {
        own.use('/api', made.cacheable('api:{url}', 60), guard)
        own.get('/api/:name', (req, res) => void res.json({ url: req.originalUrl }))
      })
      cache.verify(app)
      const warning = logger.at('warn').find((line) => line.includes('mounted by use()'))
      expect(warning).to.include('guard').and.to.include('GET /api/:name')
      await ask('/api/a?y=2&x=1', true)
      expect((await ask('/api/a?x=1&y=2', true)).xCache).to.equal('HIT')
      expect((await ask('/api/b?x=1&y=2', true)).text).to.equal('{"url":"/api/b?x=1&y=2"}')
    })

    it('takes a parameter that is named url for {url}', async () => {
      const { ask, cache } = await serve((app, own) => {
        app.get('/by/:url', own.cacheable('by:{url}', 60), secret)
      })
      await ask('/by/x?y=1')
      expect(await cache.get('by:x')).to.deep.equal({ secret: true })
    })
  })
}
