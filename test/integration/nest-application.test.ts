import 'reflect-metadata'
import {
  type CallHandler,
  Catch,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Redirect,
  Render,
  Req,
  Res,
  Sse,
  type Type,
  UseGuards,
  Version,
  VersioningType,
} from '@nestjs/common'
import { APP_FILTER, APP_INTERCEPTOR, BaseExceptionFilter, RouterModule } from '@nestjs/core'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import { expect } from 'chai'
import type { Request, Response } from 'express'
import {
  Cacheable,
  CacheConfig,
  CacheError,
  CacheEvict,
  createCache,
  createMemoryBus,
  OnEvent,
} from 'express-cacheable'
import { Cache, ExpressCacheableModule } from 'express-cacheable/nest'
import { EMPTY, from, type Observable, tap } from 'rxjs'
import { answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { type NestApp, type NestAppOptions, startNest } from '../support/nest-app.js'
import { openRaw } from '../support/raw-http.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

@Controller('rows')
class RowController {
  @Get('redirect')
  @Redirect('/elsewhere')
  @Cacheable('redirect', 60, { statuses: [302] })
  redirect() {}

  @Get('view')
  @Render('view')
  @Cacheable('view', 60)
  view() {
    return {}
  }

  @Get(':id')
  @Cacheable('row:{id}', 60)
  one(@Param('id') id: string) {
    return { id }
  }
}

/** A view that needs no file. */
class PlainView {
  readonly path = 'view'

  render(_options: object, done: (error: null, text: string) => void) {
    done(null, 'seen')
  }
}

describe('an application of Nest', () => {
  const open: NestApp[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })

  async function start(options: NestAppOptions, logger = recordingLogger()) {
    const cache = createCache({ logger })
    const nest = await startNest(cache, options)
    open.push(nest)
    return { ...nest, cache, ask: (path: string, init?: RequestInit) => answerOf(nest.url + path, init) }
  }

  /** Why one does not start. */
  async function refusal(options: NestAppOptions): Promise<CacheError> {
    const cache = createCache({ logger: recordingLogger() })
    const error = await startNest(cache, options).then(
      () => expect.fail('it has started'),
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(CacheError)
    return error as CacheError
  }

  const refusalOf = (controller: Type) => refusal({ controllers: [controller] })

  it('lets the interceptors of all routes hear the end of a hit, whoever registers them', async () => {
    const seen: string[] = []
    const watch = (name: string) => ({
      intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
        return next
          .handle()
          .pipe(tap({ next: () => seen.push(`${name} value`), complete: () => seen.push(`${name} end`) }))
      },
    })
    const { ask } = await start({
      controllers: [RowController],
      providers: [{ provide: APP_INTERCEPTOR, useValue: watch('module') }],
      setUp: (app) => app.useGlobalInterceptors(watch('main')),
    })
    await ask('/rows/1')
    expect(seen).to.deep.equal(['main value', 'module value', 'main end', 'module end'])
    seen.length = 0
    expect((await ask('/rows/1')).xCache).to.equal('HIT')
    expect(seen).to.deep.equal(['main end', 'module end'])
  })

  it('troubles no filter with a hit', async () => {
    const caught: unknown[] = []
    @Catch()
    class NosyFilter extends BaseExceptionFilter {
      override catch(error: unknown, host: never) {
        caught.push(error)
        super.catch(error, host)
      }
    }
    const { ask } = await start({
      controllers: [RowController],
      providers: [{ provide: APP_FILTER, useClass: NosyFilter }],
      setUp(app) {
        app.engine('txt', () => {})
        app.setViewEngine('txt')
        app.set('view', PlainView)
      },
    })
    for (const path of ['/rows/1', '/rows/redirect', '/rows/view']) {
      for (const xCache of ['MISS', 'HIT']) {
        expect((await ask(path, { redirect: 'manual' })).xCache, path).to.equal(xCache)
      }
    }
    const unchanged = await ask('/rows/1', {
      headers: { 'if-none-match': '*', 'cache-control': 'max-age=60' },
    })
    expect([unchanged.status, unchanged.xCache]).to.deep.equal([304, 'HIT'])
    expect(caught).to.deep.equal([])
  })

  it('knows routes below prefixes, of modules, of versions and of several paths', async () => {
    @Controller({ path: ['cars', 'bikes/:kind'], version: '3' })
    class VehicleController {
      @Get([':id', 'by-id/:id'])
      @Cacheable('vehicle:{tenant}:{id}:{kind|car}', 60)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    class VehicleModule {}
    Reflect.defineMetadata('controllers', [VehicleController], VehicleModule)
    const { ask, cache } = await start({
      controllers: [],
      imports: [VehicleModule, RouterModule.register([{ path: 'of/:tenant', module: VehicleModule }])],
      setUp(app) {
        app.setGlobalPrefix('api')
        app.enableVersioning({ type: VersioningType.URI })
      },
    })
    expect((await ask('/api/v3/of/me/cars/1')).xCache).to.equal('MISS')
    expect((await ask('/api/v3/of/me/cars/by-id/1')).xCache).to.equal('HIT')
    expect((await ask('/api/v3/of/me/bikes/red/1')).xCache).to.equal('MISS')
    expect((await ask('/api/v3/of/you/cars/1')).xCache).to.equal('MISS')
    expect(await cache.get('vehicle:me:1:red')).to.deep.equal({ id: '1' })
  })

  it('does not touch contexts that are none of HTTP, nor methods that are called without a request', async () => {
    const { app } = await start({ controllers: [RowController] })
    expect(app.get(RowController).one('5')).to.deep.equal({ id: '5' })
  })

  it('serves the same controllers with a cache and without one in a process, each as it should', async () => {
    const { ask } = await start({ controllers: [RowController] })
    const bare = await startNest(null, { controllers: [RowController] })
    open.push(bare)
    await ask('/rows/1')
    expect((await ask('/rows/1')).xCache).to.equal('HIT')
    const other = await answerOf(`${bare.url}/rows/1`)
    expect([other.text, other.xCache]).to.deep.equal(['{"id":"1"}', null])
  })

  it('gives a method the arguments that it declares, and no other', async () => {
    const given: unknown[][] = []
    @Controller('args')
    class ArgsController {
      @Get()
      @Cacheable('args', 60)
      all(...args: unknown[]) {
        given.push(args)
        return args.length
      }

      @Get('default')
      @Cacheable('args-default', 60)
      withDefault(@Query('a') a: string, b = 'b') {
        return [a, b]
      }
    }
    const { ask } = await start({ controllers: [ArgsController] })
    expect((await ask('/args')).text).to.equal('0')
    expect((await ask('/args/default?a=1')).text).to.equal('["1","b"]')
    expect(given).to.deep.equal([[]])
  })

  it('evicts again once a method is done whose client has gone', async () => {
    const [arrived, committed] = [gate(), gate()]
    @Controller('slow')
    class SlowController {
      @Put(':id')
      @CacheEvict('row:{id}')
      async change(@Res() res: Response) {
        arrived.open()
        await committed.wait
        // Nobody is there to be answered.
        if (!res.closed) res.json({})
      }

      @Put('observed/:id')
      @CacheEvict('row:{id}')
      observed(@Param('id') id: string) {
        return from([id])
      }
    }
    const { url, cache } = await start({ controllers: [RowController, SlowController] })
    const evicted: string[] = []
    cache.observe((event) => {
      if (event.type === 'evict') evicted.push(...event.targets)
    })
    const socket = await openRaw(url, { method: 'PUT', target: '/slow/1' })
    await arrived.wait
    socket.destroy()
    await until('the eviction at its close', () => evicted.length === 1)
    committed.open()
    await until('the eviction after its commit', () => evicted.length >= 2)
    expect((await answerOf(`${url}/slow/observed/2`, { method: 'PUT' })).status).to.equal(200)
    expect(evicted.filter((target) => target === 'row:2')).to.have.lengthOf(1)
  })

  it('lets methods with @OnEvent hear the bus, and evicts what they say', async () => {
    const heard: unknown[] = []
    class Events {
      @OnEvent('rows', 'ROW_CHANGED')
      @CacheEvict('row:{data.id}')
      moved({ data }: { data: unknown }) {
        heard.push(data)
      }
    }
    const bus = createMemoryBus()
    const { ask } = await start({ controllers: [RowController], providers: [Events], options: { bus } })
    await ask('/rows/5')
    await bus.publish('rows', {
      ...{ eventType: 'ROW_CHANGED', eventId: '1', timestamp: new Date().toISOString() },
      data: { id: 5 },
    })
    expect(heard).to.deep.equal([{ id: 5 }])
    expect((await ask('/rows/5')).xCache).to.equal('MISS')
  })

  it('makes its cache of its own providers, gives it to them, and closes it', async () => {
    class Settings {
      readonly ttl = 77
    }
    class SettingsModule {}
    Reflect.defineMetadata('providers', [Settings], SettingsModule)
    Reflect.defineMetadata('exports', [Settings], SettingsModule)
    class Service {
      constructor(readonly cache: Cache) {}
    }
    Inject(Cache)(Service, undefined, 0)
    let closed = 0
    const nest = await startNest(null, {
      controllers: [RowController],
      providers: [Service],
      imports: [
        ExpressCacheableModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: ({ ttl }: Settings) => {
            const cache = createCache({ defaultTtl: ttl, logger: recordingLogger() })
            const { close } = cache
            cache.close = () => {
              closed++
              return close.call(cache)
            }
            return cache
          },
        }),
      ],
    })
    expect(
      nest.app
        .get(Service)
        .cache.rules()
        .map(({ where }) => where),
    ).to.include('RowController.one')
    await nest.close()
    expect(closed).to.equal(1)
  })

  it('refuses a placeholder that is neither an argument nor a path parameter', async () => {
    @Controller('wrong')
    class WrongController {
      @Get(':id')
      @Cacheable('wrong:{ident}', 60)
      one(@Param('id') id: string) {
        return { id }
      }
    }
    const error = await refusalOf(WrongController)
    expect(error.code).to.equal('E_CACHE_SOURCE')
    expect(error.message).to.contain(
      "WrongController.one: {ident} in 'wrong:{ident}' is no parameter of GET /wrong/:id. It has {id}",
    )
  })

  it('refuses a name that may be any of two values', async () => {
    @Controller('wrong')
    class WrongController {
      @Get(':id')
      @Cacheable('wrong:{id}', 60)
      one(@Param('id') _id: string, @Query('id') id: string) {
        return { id }
      }
    }
    const error = await refusalOf(WrongController)
    expect(error.message).to.contain('WrongController.one').and.contain('{params.id} or {query.id}')
  })

  it('refuses a pattern that covers no key, and a lookup on a write', async () => {
    @Controller('wrong')
    class PatternController {
      @Post()
      @CacheEvict('unknown:*')
      create() {
        return {}
      }
    }
    @Controller('wrong')
    class WriteController {
      @Post()
      @Cacheable('wrong', 60)
      create() {
        return {}
      }
    }
    expect((await refusalOf(PatternController)).message).to.contain(
      "[E_CACHE_PATTERN_UNREACHABLE] PatternController.create: no key of this cache can match the pattern 'unknown:*'",
    )
    expect((await refusalOf(WriteController)).message).to.contain('[E_CACHE_METHOD] WriteController.create')
  })

  it('refuses one key for two versions of a route, unless their entries differ', async () => {
    @Controller('wrong')
    class VersionsController {
      @Get(':id')
      @Version('1')
      @Cacheable('versions:{id}', 60)
      first(@Param('id') id: string) {
        return { id }
      }

      @Get(':id')
      @Version('2')
      @Cacheable('versions:{id}', 60)
      second(@Param('id') id: string) {
        return { id, more: true }
      }
    }
    @Controller('right')
    class OwnVersionsController {
      @Get(':id')
      @Version('1')
      @Cacheable('own-versions:{id}', 60)
      first(@Param('id') id: string) {
        return { id }
      }

      @Get(':id')
      @Version('2')
      @Cacheable('own-versions:{id}', 60, { version: 2 })
      second(@Param('id') id: string) {
        return { id, more: true }
      }
    }
    const error = await refusalOf(VersionsController)
    expect(error.message)
      .to.contain('[E_CACHE_KEY_OVERLAP] VersionsController.second')
      .and.contain('version 1')
    await start({ controllers: [OwnVersionsController] })
  })

  it('refuses a method that two controllers inherit under one key', async () => {
    abstract class Base {
      @Get(':id')
      @Cacheable('item:{id}', 60)
      one(@Param('id') id: string) {
        return { id, of: this.constructor.name }
      }
    }
    @Controller('a')
    class A extends Base {}
    @Controller('b')
    class B extends Base {}
    @Controller('c')
    @CacheConfig({ keyPrefix: 'c:' })
    class C extends Base {}
    const error = await refusal({ controllers: [A, B] })
    expect(error.message).to.contain('[E_CACHE_KEY_OVERLAP] B.one')
    const { ask } = await start({ controllers: [A, C] })
    for (const [path, text] of [
      ['/a/1', '{"id":"1","of":"A"}'],
      ['/c/1', '{"id":"1","of":"C"}'],
      ['/a/1', '{"id":"1","of":"A"}'],
    ] as const) {
      expect((await ask(path)).text).to.equal(text)
    }
  })

  it('refuses events that are sent for as long as somebody listens', async () => {
    @Controller('wrong')
    class SseController {
      @Sse('events')
      @Cacheable('events', 60)
      events() {
        return EMPTY
      }
    }
    expect((await refusalOf(SseController)).message).to.contain(
      '[E_CACHE_RULE_CONFLICT] SseController.events',
    )
  })

  it('refuses an answer for anyone behind a guard', async () => {
    class SomeGuard {
      canActivate() {
        return true
      }
    }
    @Controller('wrong')
    @UseGuards(SomeGuard)
    class PublicController {
      @Get()
      @Cacheable('public', 60, { visibility: 'public' })
      all() {
        return {}
      }
    }
    expect((await refusalOf(PublicController)).message)
      .to.contain('[E_CACHE_VISIBILITY] PublicController.all')
      .and.contain('SomeGuard')
  })

  it('refuses another platform', async () => {
    class FastifyLike extends ExpressAdapter {
      override getType() {
        return 'fastify'
      }
    }
    const error = await refusal({ controllers: [RowController], adapter: new FastifyLike() })
    expect(error.message).to.contain(
      "[E_CACHE_OPTION] ExpressCacheableModule: the application runs on the platform 'fastify'",
    )
  })

  it('refuses to be imported twice, and what is no cache', async () => {
    const twice = await refusal({
      controllers: [RowController],
      imports: [ExpressCacheableModule.forRoot(createCache())],
    })
    expect(twice.message).to.contain('the module is there twice')
    const error = await startNest(null, {
      controllers: [RowController],
      imports: [ExpressCacheableModule.forRoot({} as never)],
    }).catch((reason: unknown) => reason)
    expect(String(error)).to.contain('the cache is none of express-cacheable')
  })

  it('warns of what looks wrong', async () => {
    const User = createParamDecorator(
      (_data: unknown, context: ExecutionContext) =>
        context.switchToHttp().getRequest<Request & { user: unknown }>().user,
    )
    class RoleInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        return context.switchToHttp().getRequest().user ? next.handle() : EMPTY
      }
    }
    @Controller('warned')
    class WarnedController {
      @Get('user')
      @Cacheable('warned-user', 60)
      user(@User() user: unknown) {
        return { user }
      }

      @Get('req')
      @Cacheable('warned-req', 60)
      req(@Req() req: Request & { user?: unknown }) {
        return { user: req.user }
      }

      @Post('search')
      @Cacheable('warned-search:{body.q}', 60)
      search() {
        return {}
      }

      @Cacheable('warned-lost', 60)
      lost() {
        return {}
      }
    }
    // Also for a second application in the process, whose methods the first has replaced.
    for (const logger of [recordingLogger(), recordingLogger()]) await warned(logger)

    async function warned(logger: RecordingLogger) {
      await start(
        {
          controllers: [WarnedController],
          setUp: (app: NestExpressApplication) => app.useGlobalInterceptors(new RoleInterceptor()),
        },
        logger,
      )
      const warnings = logger.at('warn').join('\n')
      expect(warnings)
        .to.contain('WarnedController.user on GET /warned/user reads the user')
        .and.contain('WarnedController.req on GET /warned/req reads the user')
        .and.contain('the interceptor RoleInterceptor asks who is signed in')
        .and.contain('WarnedController.search on POST /warned/search answers 201')
        .and.contain('WarnedController.lost is no route of Nest')
    }
  })
})
