import 'reflect-metadata'
import { expect } from 'chai'
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express'
import { type Cache, Cacheable, CacheError, CacheEvict, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { CurrentUser, Get, JsonController } from 'routing-controllers'
import { type Answer, answerOf } from '../support/answer-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

interface User {
  readonly id: number
  readonly name: string
}

/** Without what other parts of the build say of `req.user`. */
type Asked = Omit<Request, 'user'> & { user?: User }

const USERS: Readonly<Record<string, User>> = {
  ann: { id: 1, name: 'Ann' },
  bob: { id: 2, name: 'Bob' },
}

/** A handler that knows of the user. */
function asked(handler: (req: Asked, res: Response, next: NextFunction) => void): RequestHandler {
  return handler as unknown as RequestHandler
}

/** Lets in whom it knows. */
const requireUser = asked(function requireUser(req, res, next) {
  const user = USERS[req.get('authorization') ?? '']
  if (!user) return void res.status(401).json({ error: 'who?' })
  req.user = user
  next()
})

/** Lets everyone in, and says who it is where it knows. */
const knowUser = asked((req, _res, next) => {
  const user = USERS[req.get('authorization') ?? '']
  if (user) req.user = user
  next()
})

onEachStore('a cached route, whoever is asking,', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const listen = serversOfSuite()

      async function serve(define: (app: Express, cache: Cache) => void) {
        const { cache, events } = makeCache()
        const app = createApp()
        define(app, cache)
        await cache.ready(app)
        const url = await listen(app)
        return {
          events,
          ask: (path: string, as?: string): Promise<Answer> =>
            answerOf(url + path, as ? { headers: { authorization: as } } : {}),
        }
      }

      it('gives no hit to whom the middleware in front refuses', async () => {
        let calls = 0
        const { ask, events } = await serve((app, cache) => {
          app.get('/report', requireUser, cache.cacheable('report', 60), (_req, res) => {
            calls++
            res.json({ secret: 1 })
          })
        })
        const answers = [await ask('/report', 'ann'), await ask('/report', 'bob')]
        expect(answers.map(({ xCache }) => xCache)).to.deep.equal(['MISS', 'HIT'])
        for (const as of [undefined, 'eve']) {
          const refused = await ask('/report', as)
          expect([refused.status, refused.xCache, refused.text]).to.deep.equal([
            401,
            null,
            '{"error":"who?"}',
          ])
        }
        expect(calls).to.equal(1)
        expect(events.filter(({ type }) => ['hit', 'miss', 'bypass'].includes(type))).to.have.lengthOf(2)
      })

      it("keeps each user's answer to themselves, and stores none for nobody", async () => {
        let calls = 0
        const { ask, events } = await serve((app, cache) => {
          const options = { visibility: 'user' } as const
          app.get(
            '/mine',
            knowUser,
            cache.cacheable('mine:{user.id}', 60, options),
            asked((req, res) => {
              calls++
              res.json({ name: req.user?.name ?? null })
            }),
          )
        })
        const askers = ['ann', 'bob', undefined, 'ann', 'bob', undefined]
        const answers: Answer[] = []
        for (const as of askers) answers.push(await ask('/mine', as))
        expect(answers.map(({ xCache, text }) => [xCache, JSON.parse(text).name])).to.deep.equal([
          ['MISS', 'Ann'],
          ['MISS', 'Bob'],
          ['BYPASS', null],
          ['HIT', 'Ann'],
          ['HIT', 'Bob'],
          ['BYPASS', null],
        ])
        expect(calls).to.equal(4)
        const fills = () => events.filter(({ type }) => type === 'fill').length
        // A fill is told once it is acknowledged, which may be after the next answer.
        await until('both fills', () => fills() === 2)
      })

      it("does not take a user of another's making for the one who is signed in", async () => {
        const { ask } = await serve((app, cache) => {
          app.get(
            '/mine',
            knowUser,
            cache.cacheable('mine:{user.id}', 60),
            asked((req, res) => {
              res.json({ name: req.user?.name ?? null })
            }),
          )
        })
        await ask('/mine', 'ann')
        for (const path of ['/mine?user.id=1', '/mine?user[id]=1', '/mine?id=1']) {
          const answer = await ask(path)
          expect([answer.xCache, answer.text], path).to.deep.equal(['BYPASS', '{"name":null}'])
        }
      })
    })
  }
})

describe('verification, as to who is asking,', () => {
  for (const { name, express, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      /** The warnings that `ready` gives for an application. */
      async function warningsOf(define: (app: Express, cache: Cache) => void): Promise<string[]> {
        const logger = recordingLogger()
        const cache = createCache({ logger })
        const app = createApp()
        define(app, cache)
        await cache.ready(app)
        await cache.ready(app)
        return logger.at('warn')
      }

      const answer: RequestHandler = (_req, res) => void res.json({})

      it('names the middleware that stands behind the cache, once', async () => {
        const warnings = await warningsOf((app, cache) => {
          const router = express.Router()
          router.get('/report/:id', cache.cacheable('report:{id}', 60), requireUser, answer)
          app.use('/api', router)
        })
        expect(warnings).to.deep.equal([
          "cache.cacheable('report:{id}') on GET /report/:id: requireUser stands behind the cache and does not run for a hit. Authorization belongs before it.",
        ])
      })

      it('says nothing of the right order, of several caches, nor of a write', async () => {
        const warnings = await warningsOf((app, cache) => {
          app.get('/a', requireUser, cache.cacheable('a', 60), answer)
          app.get('/b', requireUser, cache.cacheable('b', 60), cache.cacheable('c', 60), answer)
          app.put('/a', cache.evict('a'), requireUser, answer)
        })
        expect(warnings).to.deep.equal([])
      })

      it('says nothing of middleware of another method of the same path', async () => {
        const warnings = await warningsOf((app, cache) => {
          app
            .route('/a')
            .get(requireUser, cache.cacheable('a', 60), answer)
            .put(requireUser, cache.evict('a'), answer)
        })
        expect(warnings).to.deep.equal([])
      })

      it('says nothing of a handler of errors behind the route', async () => {
        const onError = (_error: unknown, _req: Request, res: Response, _next: NextFunction) => {
          res.status(500).end()
        }
        const warnings = await warningsOf((app, cache) => {
          app.get('/a', requireUser, cache.cacheable('a', 60), answer, onError)
        })
        expect(warnings).to.deep.equal([])
      })

      it('warns of a handler that reads the user where the key does not name the user', async () => {
        class Reports {
          @Cacheable('mine', 60)
          mine(req: Asked, res: Response) {
            res.json(req.user)
          }

          @Cacheable('own:{user.id}', 60)
          own(req: Asked, res: Response) {
            res.json(req.user)
          }

          @Cacheable('all', 60)
          all(_req: Request, res: Response) {
            res.json({})
          }

          @CacheEvict('mine')
          change(req: Asked, res: Response) {
            res.json(req.user)
          }
        }
        const warnings = await warningsOf((app, cache) => {
          const reports = cache.handlers(new Reports())
          app.get('/mine', requireUser, reports.mine)
          app.get('/own', requireUser, reports.own)
          app.get('/all', requireUser, reports.all)
          app.put('/mine', requireUser, reports.change)
          app.get(
            '/inline',
            requireUser,
            cache.cacheable('inline', 60),
            asked((req, res) => {
              res.json({ hello: req.user?.name })
            }),
          )
          app.get('/other', cache.cacheable('other', 60), (req, res) => {
            res.json({ agent: req.get('user-agent'), id: req.query.userId })
          })
        })
        expect(warnings.map((warning) => warning.split(' reads the user')[0])).to.deep.equal([
          'Reports.mine on GET /mine',
          "cache.cacheable('inline') on GET /inline",
        ])
        expect(warnings[0]).to.contain("its key 'mine' does not name the user").and.to.contain('{user.id}')
      })

      it("refuses a key without the user where the rule is 'user', and asks nothing of the others", () => {
        const cache = createCache({ logger: recordingLogger() })
        expect(() => cache.cacheable('profile:{id}', 60, { visibility: 'user' }))
          .to.throw(CacheError)
          .with.property('code', 'E_CACHE_VISIBILITY')
        cache.cacheable('profile:{user.id}', 60, { visibility: 'user' })
        cache.cacheable('prices', 60, { visibility: 'public' })
        cache.cacheable('team', 60, { visibility: 'shared' })
      })

      it('warns of @CurrentUser where the key does not name the user', () => {
        @JsonController('/mine')
        class MineController {
          @Get('/unnamed')
          @Cacheable('unnamed', 60)
          unnamed(@CurrentUser() user: User) {
            return { user }
          }

          @Get('/named')
          @Cacheable('named:{user.id}', 60)
          named(@CurrentUser() user: User) {
            return { user }
          }

          @Get('/nobody')
          @Cacheable('nobody', 60)
          nobody() {
            return {}
          }
        }
        const logger = recordingLogger()
        registerControllers(createApp(), createCache({ logger }), {
          controllers: [MineController],
          currentUserChecker: () => USERS.ann,
        })
        expect(logger.at('warn')).to.have.lengthOf(1)
        expect(logger.at('warn')[0]).to.match(
          /^MineController\.unnamed on GET \/mine\/unnamed reads the user/,
        )
      })
    })
  }
})
