import 'reflect-metadata'
import { expect } from 'chai'
import { type Cache, Cacheable, CacheError, CacheEvict, CachePut, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import {
  BodyParam,
  CookieParam,
  Get,
  HeaderParam,
  JsonController,
  Param,
  Put,
  QueryParam,
} from 'routing-controllers'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'

describe('two arguments of one name', () => {
  let cache: Cache
  beforeEach(() => {
    cache = createCache({ logger: recordingLogger(), externalKeys: ['row:{id}'] })
  })
  afterEach(() => cache.close())

  async function start(controller: new () => object): Promise<void> {
    const app = quietExpress()
    registerControllers(app, cache, { controllers: [controller], development: false })
    await cache.ready(app)
  }

  async function refused(controller: new () => object, mend: RegExp): Promise<void> {
    const error = await start(controller).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).to.be.instanceOf(CacheError)
    const { code, where, mend: advice } = error as CacheError
    expect([code, where]).to.deep.equal(['E_CACHE_SOURCE', `${controller.name}.one`])
    expect(advice).to.match(mend)
  }

  it('are refused at start: a parameter and a query', async () => {
    @JsonController()
    class Queries {
      @Get('/a/:id')
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string, @QueryParam('id') other: string) {
        return { id, other }
      }
    }
    await refused(Queries, /\{params\.id\}.*\{query\.id\}/)
  })

  it('are refused at start: a query before a parameter', async () => {
    @JsonController()
    class Reversed {
      @Get('/b/:id')
      @Cacheable('row:{id}', 60)
      one(@QueryParam('id') other: string, @Param('id') id: string) {
        return { id, other }
      }
    }
    await refused(Reversed, /\{params\.id\}.*\{query\.id\}/)
  })

  it('are refused at start: a parameter and a field of the body, of an eviction', async () => {
    @JsonController()
    class Bodies {
      @Put('/c/:id')
      @CacheEvict('row:{id}')
      one(@Param('id') id: string, @BodyParam('id') other: string) {
        return { id, other }
      }
    }
    await refused(Bodies, /\{params\.id\}.*\{body\.id\}/)
  })

  it('are refused at start: a parameter and a field of the body, of a put', async () => {
    @JsonController()
    class Puts {
      @Put('/d/:id')
      @CachePut('row:{id}', 60)
      one(@Param('id') id: string, @BodyParam('id') other: string) {
        return { id, other }
      }
    }
    await refused(Puts, /\{params\.id\}.*\{body\.id\}/)
  })

  it('are refused at start: a parameter and a header', async () => {
    @JsonController()
    class HeaderNames {
      @Get('/e/:id')
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string, @HeaderParam('id') other: string) {
        return { id, other }
      }
    }
    await refused(HeaderNames, /\{params\.id\}.*\{headers\.id\}/)
  })

  it('are refused at start: a parameter and a cookie', async () => {
    @JsonController()
    class Cookies {
      @Get('/f/:id')
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string, @CookieParam('id') other: string) {
        return { id, other }
      }
    }
    await refused(Cookies, /\{params\.id\}.*\{cookies\.id\}/)
  })

  it('are refused at start: a query, and a parameter of the path that is no argument', async () => {
    @JsonController()
    class Unbound {
      @Get('/g/:id')
      @Cacheable('row:{id}', 60)
      one(@QueryParam('id') other: string) {
        return { other }
      }
    }
    await refused(Unbound, /\{params\.id\}.*\{query\.id\}/)
  })

  it('are not refused where the key says which it means', async () => {
    @JsonController()
    class Named {
      @Get('/h/:id')
      @Cacheable('row:{params.id}:{query.id|none}', 60)
      one(@Param('id') id: string, @QueryParam('id') other: string) {
        return { id, other }
      }
      @Get('/i/:id')
      @Cacheable('other:{id}:{page|1}', 60)
      two(@Param('id') id: string, @QueryParam('page') page: string) {
        return { id, page }
      }
    }
    await start(Named)
  })
})
