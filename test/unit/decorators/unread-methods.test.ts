import { expect } from 'chai'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { Cacheable, CacheEvict, createCache, createMemoryBus, OnEvent } from 'express-cacheable'
import { Get, JsonController } from 'routing-controllers'
import { registerControllers } from '#src/routing-controllers/index.js'
import { answerOf } from '../../support/answer-of.js'
import { serversOfSuite } from '../../support/http.js'
import { quietExpress } from '../../support/quiet-express.js'
import { recordingLogger } from '../../support/recording-logger.js'

/** A framework whose routes call the methods of controllers themselves, as tsoa, inversify-express-utils and others do. */
const routes: { type: new () => object; name: string; path: string; middleware: RequestHandler[] }[] = []

function httpGet(path: string, ...middleware: RequestHandler[]) {
  return (target: object, name: string) => {
    routes.push({ type: target.constructor as new () => object, name, path, middleware })
  }
}

function mountRoutes() {
  const app = quietExpress()
  for (const { type, name, path, middleware } of routes.splice(0)) {
    app.get(path, ...middleware, async (req: Request, res: Response, next: NextFunction) => {
      try {
        res.json(await Reflect.get(new type(), name)(req, res))
      } catch (error) {
        next(error)
      }
    })
  }
  return app
}

describe('decorators that nobody reads', () => {
  const listen = serversOfSuite()

  /** What a cache warns of at start. */
  async function warningsAtStart(read: (cache: ReturnType<typeof createCache>) => unknown = () => {}) {
    const logger = recordingLogger()
    const cache = createCache({ logger })
    await read(cache)
    await cache.ready()
    await cache.close()
    return logger.at('warn').filter((line) => line.includes('nothing has read'))
  }

  it('are named at start, with the mend', async () => {
    class Foreign {
      @httpGet('/foreign')
      @Cacheable('foreign', 60)
      all() {
        return []
      }

      @httpGet('/foreign/write')
      @CacheEvict('foreign')
      write() {
        return []
      }
    }
    const [warning, ...more] = await warningsAtStart()
    expect(more).to.deep.equal([])
    expect(warning)
      .to.contain('Foreign.all, Foreign.write have decorators of express-cacheable')
      .and.contain('cache.handlers(), cache.methods() or registerControllers()')
      .and.contain('cache.cacheable() or cache.evict()')
    const url = await listen(mountRoutes())
    expect((await answerOf(`${url}/foreign`)).xCache).to.equal(null)
    expect(Foreign).to.be.a('function')
  })

  it('are mended by middleware on the route of another framework', async () => {
    const cache = createCache()
    class Mended {
      @httpGet('/mended', cache.cacheable('mended', 60) as RequestHandler)
      all() {
        return []
      }
    }
    const url = await listen(mountRoutes())
    await answerOf(`${url}/mended`)
    expect((await answerOf(`${url}/mended`)).xCache).to.equal('HIT')
    expect(Mended).to.be.a('function')
    await cache.close()
  })

  it('are named once, whatever caches start later', async () => {
    class Once {
      @Cacheable('once', 60)
      all() {}
    }
    expect(await warningsAtStart()).to.have.lengthOf(1)
    expect(await warningsAtStart()).to.deep.equal([])
    expect(Once).to.be.a('function')
  })

  it('are none where another cache of the process has read them, or a service is called', async () => {
    class OfRoutes {
      @Cacheable('of-routes', 60)
      all(_req: Request, res: Response) {
        res.json([])
      }
    }
    class OfCalls {
      @Cacheable('of-calls:{args.0}', 60)
      async one(id: string) {
        return { id }
      }
    }
    const other = createCache()
    other.handlers(new OfRoutes())
    other.methods(new OfCalls())
    expect(await warningsAtStart()).to.deep.equal([])
    await other.close()
  })

  it('are none on what a class that is read inherits or overrides', async () => {
    abstract class Base {
      @Cacheable('inherited', 60)
      inherited(_req: Request, res: Response) {
        res.json([])
      }

      @Cacheable('overridden', 60)
      overridden(_req: Request, res: Response) {
        res.json([])
      }
    }
    class Derived extends Base {
      @Cacheable('own', 60)
      override overridden(_req: Request, res: Response) {
        res.json({})
      }
    }
    expect(await warningsAtStart((cache) => cache.handlers(new Derived()))).to.deep.equal([])
  })

  it('are none on controllers that the framework knows and the application does not serve', async () => {
    @JsonController('/served')
    class Served {
      @Get('/')
      @Cacheable('served', 60)
      all() {
        return []
      }
    }
    @JsonController('/not-served')
    class NotServed {
      @Get('/')
      @Cacheable('not-served', 60)
      all() {
        return []
      }
    }
    const register = (cache: ReturnType<typeof createCache>) =>
      registerControllers(quietExpress(), cache, { controllers: [Served] })
    expect(await warningsAtStart(register)).to.deep.equal([])
    expect(NotServed).to.be.a('function')
  })

  it('are none on methods that hear events, whenever they are subscribed', async () => {
    class Events {
      @OnEvent('rows', 'ROW_CHANGED')
      changed() {}
    }
    expect(await warningsAtStart()).to.deep.equal([])
    const cache = createCache()
    await cache.subscribe(createMemoryBus(), new Events())
    await cache.close()
  })
})
