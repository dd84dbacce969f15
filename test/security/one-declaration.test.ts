import 'reflect-metadata'
import { expect } from 'chai'
import type { Request, RequestHandler, Response } from 'express'
import { type Cache, Cacheable, CacheConfig, CacheError, CacheEvict, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { Get, JsonController, Param } from 'routing-controllers'
import { quietExpress } from '../support/quiet-express.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'

describe('one declaration', () => {
  let cache: Cache
  let logger: RecordingLogger
  beforeEach(() => {
    logger = recordingLogger()
    cache = createCache({ logger, externalKeys: ['item:{id}'] })
  })
  afterEach(() => cache.close())

  async function mistakeOf(start: () => Promise<unknown>): Promise<CacheError> {
    const error = await start().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).to.be.instanceOf(CacheError)
    return error as CacheError
  }

  abstract class Base {
    abstract name: string
    @Cacheable('item:{id}', 60)
    one(req: Request, res: Response) {
      res.json({ name: this.name, id: req.params.id })
    }
    @CacheEvict('item:{id}')
    change(_req: Request, res: Response) {
      res.json({})
    }
  }
  class Products extends Base {
    name = 'product'
  }
  class Users extends Base {
    name = 'user'
  }

  it('that serves two classes is an error at start, which names both and the mend', async () => {
    const error = await mistakeOf(async () => {
      const app = quietExpress()
      app.get('/products/:id', cache.handlers(new Products()).one)
      app.get('/users/:id', cache.handlers(new Users()).one)
      await cache.ready(app)
    })
    expect(error.message).to.contain('Products').and.to.contain('Users').and.to.contain('item:{id}')
    expect(error.mend).to.contain('keyPrefix')
  })

  it('that serves two instances of a class is an error at start', async () => {
    class Shop {
      readonly currency: string
      constructor(currency: string) {
        this.currency = currency
      }
      @Cacheable('price:{id}', 60)
      price(_req: Request, res: Response) {
        res.json({ currency: this.currency })
      }
    }
    const error = await mistakeOf(async () => {
      const app = quietExpress()
      app.get('/euro/:id', cache.handlers(new Shop('EUR')).price)
      app.get('/yen/:id', cache.handlers(new Shop('JPY')).price)
      await cache.ready(app)
    })
    expect(error.message).to.contain('Shop').and.to.contain('price:{id}')
  })

  it('that serves two classes of routing-controllers is an error at start', async () => {
    abstract class Things {
      @Get('/:id')
      @Cacheable('thing:{id}', 60)
      one(@Param('id') id: string) {
        return { id, of: this.constructor.name }
      }
    }
    @JsonController('/chairs')
    class Chairs extends Things {}
    @JsonController('/tables')
    class Tables extends Things {}
    const error = await mistakeOf(async () => {
      const app = quietExpress()
      registerControllers(app, cache, { controllers: [Chairs, Tables], development: false })
      await cache.ready(app)
    })
    expect(error.message).to.contain('Chairs').and.to.contain('Tables').and.to.contain('thing:{id}')
  })

  it('serves two classes that each have a prefix of their own', async () => {
    @CacheConfig({ keyPrefix: 'product:' })
    class OwnProducts extends Products {}
    @CacheConfig({ keyPrefix: 'user:' })
    class OwnUsers extends Users {}
    cache = createCache({ logger, externalKeys: ['{kind}:item:{id}'] })
    const [products, users] = [cache.handlers(new OwnProducts()), cache.handlers(new OwnUsers())]
    const app = quietExpress()
    app.get('/products/:id', products.one).put('/products/:id', products.change)
    app.get('/users/:id', users.one).put('/users/:id', users.change)
    await cache.ready(app)
    expect(logger.at('warn')).to.deep.equal([])
  })

  it('serves one instance on two routes', async () => {
    const app = quietExpress()
    const { one, change } = cache.handlers(new Products())
    app.get('/products/:id', one).get('/v2/products/:id', one).put('/products/:id', change)
    await cache.ready(app)
    expect(logger.at('warn')).to.deep.equal([])
  })

  it('that stands on no route is named at start', async () => {
    const app = quietExpress()
    app.get('/products/:id', cache.handlers(new Products()).one)
    await cache.ready(app)
    const lines = logger.at('warn').filter((line) => line.includes('Products.change'))
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]).to.match(/no route/)
  })

  it('that is mounted past cache.handlers is named at start', async () => {
    const app = quietExpress()
    const products = new Products()
    const { change } = cache.handlers(products)
    app.put('/products/:id', change)
    app.get('/products/:id', products.one as unknown as RequestHandler)
    app.get('/bound/:id', products.one.bind(products) as unknown as RequestHandler)
    await cache.ready(app)
    const lines = logger.at('warn').filter((line) => line.includes('Products.one'))
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]).to.match(/GET \/products\/:id|no route/)
  })
})
