import { expect } from 'chai'
import type { Request, Response } from 'express'
import express, { Router } from 'express'
import {
  Cacheable,
  CacheConfig,
  CacheError,
  type CacheErrorCode,
  CacheEvict,
  createCache,
} from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'

/** What a person gets wrong is told at start, naming class and method, and saying the mend. */
describe('a cache at start', () => {
  const cache = () => createCache()

  function refused(code: CacheErrorCode, where: string, mend: RegExp, act: () => unknown): void {
    try {
      act()
    } catch (error) {
      expect(error).to.be.instanceOf(CacheError)
      const { code: given, where: place, mend: advice, message } = error as CacheError
      expect([given, place]).to.deep.equal([code, where])
      expect(advice).to.match(mend)
      expect(message).to.contain(place).and.to.contain(advice)
      return
    }
    expect.fail(`${where} was accepted`)
  }

  it('finds a template, a TTL and an option that cannot work when the controller is mounted', () => {
    class Templates {
      @Cacheable('user:{id', 60)
      brace(_req: Request, _res: Response) {}
    }
    class Ttls {
      @Cacheable('user:{id}', -5)
      negative(_req: Request, _res: Response) {}
    }
    class Units {
      @Cacheable('user:{id}', '600 x')
      unit(_req: Request, _res: Response) {}
    }
    class Sources {
      @Cacheable('user:{sessions.id}', 60)
      source(_req: Request, _res: Response) {}
    }
    class Results {
      @Cacheable('user:{result.id}', 60)
      result(_req: Request, _res: Response) {}
    }
    class Patterns {
      @CacheEvict('user:1*')
      glob(_req: Request, _res: Response) {}
    }
    @CacheConfig({ visibility: 'user' })
    class Personal {
      @Cacheable('profile:{id}', 60)
      profile(_req: Request, _res: Response) {}
    }
    class Both {
      @Cacheable('user:{id}', 60)
      @CacheEvict('user:{id}')
      both(_req: Request, _res: Response) {}
    }
    refused('E_CACHE_TEMPLATE', 'Templates.brace', /'\{name\}'/, () => cache().handlers(new Templates()))
    refused('E_CACHE_TTL', 'Ttls.negative', /seconds, such as 600/, () => cache().handlers(new Ttls()))
    refused('E_CACHE_TTL', 'Units.unit', /'10m'/, () => cache().handlers(new Units()))
    refused('E_CACHE_TEMPLATE', 'Sources.source', /params, query/, () => cache().handlers(new Sources()))
    refused('E_CACHE_SOURCE', 'Results.result', /\{query\.…\}/, () => cache().handlers(new Results()))
    refused('E_CACHE_PATTERN', 'Patterns.glob', /whole segments/, () => cache().handlers(new Patterns()))
    refused('E_CACHE_VISIBILITY', 'Personal.profile', /\{user\.id\}/, () => cache().handlers(new Personal()))
    refused('E_CACHE_RULE_CONFLICT', 'Both.both', /two methods/, () => cache().handlers(new Both()))
    refused('E_CACHE_OPTION', 'cache.handlers()', /new Both\(\)/, () => cache().handlers(Both))
  })

  it('finds a pattern that no key can match before the first request', async () => {
    class Users {
      @Cacheable('user:{id}', 60)
      read(_req: Request, _res: Response) {}
      @CacheEvict(['user:{id}', 'usres:list:*'])
      write(_req: Request, _res: Response) {}
    }
    const mistaken = cache()
    mistaken.handlers(new Users())
    refused('E_CACHE_PATTERN_UNREACHABLE', 'Users.write', /'user:\{id\}'/, () => mistaken.verify())
    const outcome = await mistaken.ready().catch((error: unknown) => error)
    expect(outcome).to.be.instanceOf(CacheError)

    const declared = createCache({ externalKeys: ['usres:list:{page}'] })
    declared.handlers(new Users())
    declared.verify()
  })

  it('answers no request at all if nobody asked for the checks at start', async () => {
    const mistaken = cache()
    const app = quietExpress()
    app.get('/a', mistaken.cacheable('a', 60), (_req, res) => void res.json({}))
    app.put('/a', mistaken.evict('b'), (_req, res) => void res.json({}))
    const server = await listen(app)
    for (const method of ['GET', 'PUT'])
      expect((await answerOf(`${server.url}/a`, { method })).status).to.equal(500)
    await server.close()
  })

  it('finds two keys that could be one by accident', () => {
    const mistaken = cache()
    mistaken.cacheable('user:{id}', 60)
    mistaken.cacheable('user:me', 60)
    refused('E_CACHE_KEY_OVERLAP', "cache.cacheable('user:me')", /segment of its own/, () =>
      mistaken.verify(),
    )
  })

  it('finds a {name} that the route does not have, in nested routers as well', () => {
    const mistaken = cache()
    const app = express()
    const router = Router()
    router.get('/customers/:id', mistaken.cacheable('customer:{ident}', 60), (_req, res) => void res.json({}))
    app.use('/api', router)
    refused('E_CACHE_SOURCE', "cache.cacheable('customer:{ident}')", /It has \{id\}/, () =>
      mistaken.verify(app),
    )
  })

  it('lets a router that merges parameters have names of its parent', () => {
    const right = cache()
    const app = express()
    const router = Router({ mergeParams: true })
    router.get('/tasks', right.cacheable('tasks:{userId}', 60), (_req, res) => void res.json({}))
    app.use('/users/:userId', router)
    right.verify(app)
  })

  it('finds a lookup on a route that only writes', () => {
    const mistaken = cache()
    const app = express()
    app.put('/a/:id', mistaken.cacheable('a:{id}', 60), (_req, res) => void res.json({}))
    refused('E_CACHE_METHOD', "cache.cacheable('a:{id}')", /@CacheEvict/, () => mistaken.verify(app))
  })
})
