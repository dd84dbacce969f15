import 'reflect-metadata'
import { expect } from 'chai'
import { type Cache, Cacheable, CacheConfig, CacheError, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import {
  type Action,
  Authorized,
  Get,
  getMetadataArgsStorage,
  Interceptor,
  type InterceptorInterface,
  JsonController,
  Param,
  type RoutingControllersOptions,
  UseInterceptor,
} from 'routing-controllers'
import { quietExpress } from '../support/quiet-express.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'

const PUBLIC = { visibility: 'public' } as const

describe('a public rule on what not everyone may have', () => {
  let cache: Cache
  let logger: RecordingLogger
  beforeEach(() => {
    logger = recordingLogger()
    cache = createCache({ logger })
  })
  afterEach(async () => {
    // An application that names no interceptors gets every one there is, and other tests make such applications.
    getMetadataArgsStorage().interceptors.splice(0)
    await cache.close()
  })

  async function start(controller: new () => object, options: RoutingControllersOptions = {}): Promise<void> {
    const app = quietExpress()
    registerControllers(app, cache, {
      controllers: [controller],
      authorizationChecker: () => true,
      currentUserChecker: ({ request }) => request.user,
      development: false,
      ...options,
    })
    await cache.ready(app)
  }

  async function refused(controller: new () => object, where: string): Promise<void> {
    const error = await start(controller).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).to.be.instanceOf(CacheError)
    const { code, where: place, message } = error as CacheError
    expect([code, place]).to.deep.equal(['E_CACHE_VISIBILITY', where])
    expect(message).to.contain('@Authorized')
  }

  it('is an error at start, where the method is @Authorized', async () => {
    @JsonController('/a')
    class Methods {
      @Get('/:id')
      @Authorized('admin')
      @Cacheable('row:{id}', 60, PUBLIC)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    await refused(Methods, 'Methods.one')
  })

  it('is an error at start, where the class is @Authorized', async () => {
    @Authorized()
    @JsonController('/b')
    class Classes {
      @Get('/:id')
      @Cacheable('row:{id}', 60, PUBLIC)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    await refused(Classes, 'Classes.one')
  })

  it('is an error at start, where it is the class that says public', async () => {
    @CacheConfig(PUBLIC)
    @JsonController('/c')
    class Configured {
      @Get('/:id')
      @Authorized()
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    await refused(Configured, 'Configured.one')
  })

  it('is none, where the rule is shared by those who are let in', async () => {
    @Authorized('admin')
    @JsonController('/d')
    class Shared {
      @Get('/:id')
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    await start(Shared)
    expect(logger.at('warn')).to.deep.equal([])
  })

  it('is warned of, where an interceptor makes of an answer what the role may see', async () => {
    @JsonController('/e')
    @UseInterceptor(({ request }: Action, content: { salary?: number }) =>
      request.user?.role === 'admin' ? content : { ...content, salary: undefined },
    )
    class Intercepted {
      @Get('/:id')
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string) {
        return { id, salary: 1 }
      }
    }
    await start(Intercepted)
    expect(logger.at('warn').filter((line) => /Intercepted\.one.*interceptor/s.test(line))).to.have.lengthOf(
      1,
    )
  })

  it('is warned of, where an interceptor that is a class, or one for all routes, does', async () => {
    @Interceptor()
    class ByRole implements InterceptorInterface {
      intercept(action: Action, content: unknown) {
        return action.request.user?.role === 'admin' ? content : {}
      }
    }
    @JsonController('/f')
    class Everywhere {
      @Get('/:id')
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    await start(Everywhere, { interceptors: [ByRole] })
    expect(logger.at('warn').filter((line) => /Everywhere\.one.*interceptor/s.test(line))).to.have.lengthOf(1)
  })

  it('is not warned of, where the interceptor asks for nobody', async () => {
    @JsonController('/g')
    @UseInterceptor((_action: Action, content: object) => ({ content }))
    class Wrapped {
      @Get('/:id')
      @Cacheable('row:{id}', 60)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    await start(Wrapped)
    expect(logger.at('warn')).to.deep.equal([])
  })
})
