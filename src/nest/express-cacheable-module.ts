import {
  type DynamicModule,
  Inject,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OptionalFactoryDependency,
} from '@nestjs/common'
import {
  APP_INTERCEPTOR,
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  HttpAdapterHost,
  ModulesContainer,
} from '@nestjs/core'
import { Cache } from '../cache.js'
import { partsOf } from '../cache-parts.js'
import { declarationsOf, methodNamesOf } from '../decorators/metadata.js'
import { CacheError } from '../errors.js'
import type { EventBus, Subscription } from '../events/bus.js'
import { CachedRoutes } from './cached-routes.js'
import { CachingInterceptor } from './caching-interceptor.js'

/** What an application of Nest is given beside its cache. */
export interface ExpressCacheableModuleOptions {
  /** The bus that methods with `@OnEvent` hear, on controllers and providers alike. */
  readonly bus?: EventBus | undefined
  /**
   * Whether the cache stays open when the application is closed, for another that uses it.
   * @defaultValue `false`
   */
  readonly keepOpen?: boolean | undefined
}

/** A cache and the options of the module. */
export interface ExpressCacheableSettings extends ExpressCacheableModuleOptions {
  readonly cache: Cache
}

/** How a cache is made of an application's own providers. */
export interface ExpressCacheableAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[]
  // biome-ignore lint/suspicious/noExplicitAny: what is injected is known to the application alone.
  readonly useFactory: (...args: any[]) => Factored | Promise<Factored>
}

type Factored = Cache | ExpressCacheableSettings

const SETTINGS = Symbol.for('express-cacheable:nest-settings')

/** Nest 10 takes dynamic modules for one that look the same, and drops the caches of all but the first. */
let modules = 0

/**
 * Makes the decorators of express-cacheable work on the routes of an application of Nest, on Express: they are looked up
 * behind guards, interceptors and pipes, and a hit runs none of the method.
 *
 * Import it once, in the root module. `Cache` can be injected everywhere.
 *
 * @throws CacheError naming class and method, when the application starts, for any mistake in a decorator.
 * @example
 * @Module({ imports: [ExpressCacheableModule.forRoot(createCache({ redis: process.env.REDIS_URL }))] })
 * class AppModule {}
 */
@Module({})
export class ExpressCacheableModule implements NestModule, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #settings: ExpressCacheableSettings
  readonly #routes: CachedRoutes
  readonly #discovery: DiscoveryService
  readonly #application: { readonly config: ApplicationConfig; readonly modules: ModulesContainer }
  readonly #host: HttpAdapterHost
  #subscription: Subscription | undefined

  /** Nest calls it. */
  constructor(
    @Inject(SETTINGS) settings: ExpressCacheableSettings,
    @Inject(CachedRoutes) routes: CachedRoutes,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#settings = settings
    this.#routes = routes
    this.#discovery = discovery
    this.#application = { config, modules }
    this.#host = host
  }

  /** The module for a cache that there is already. */
  static forRoot(cache: Cache, options: ExpressCacheableModuleOptions = {}): DynamicModule {
    return ExpressCacheableModule.forRootAsync({ useFactory: () => ({ ...options, cache }) })
  }

  /** The module for a cache that is made of other providers, such as a configuration. */
  static forRootAsync({
    imports = [],
    inject = [],
    useFactory,
  }: ExpressCacheableAsyncOptions): DynamicModule {
    return {
      module: ExpressCacheableModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        {
          provide: SETTINGS,
          inject,
          useFactory: async (...args: unknown[]) => settingsOf(await useFactory(...args)),
        },
        { provide: 'express-cacheable:module', useValue: modules++ },
        { provide: Cache, inject: [SETTINGS], useFactory: ({ cache }: ExpressCacheableSettings) => cache },
        {
          provide: CachedRoutes,
          inject: [Cache],
          useFactory: (cache: Cache) => new CachedRoutes(partsOf(cache)),
        },
        {
          provide: APP_INTERCEPTOR,
          inject: [CachedRoutes],
          useFactory: (routes: CachedRoutes) => new CachingInterceptor(routes),
        },
      ],
      exports: [Cache],
    }
  }

  /** Nest calls it when all controllers are there, and before it makes routes of them. @throws CacheError */
  configure(): void {
    requireExpress(this.#host)
    const { config } = this.#application
    putFirst(config)
    const controllers = this.#discovery
      .getControllers()
      .flatMap(({ metatype, host }) =>
        typeof metatype === 'function' ? [{ classType: metatype, module: host?.metatype }] : [],
      )
    this.#routes.add(controllers, this.#application)
  }

  async onApplicationBootstrap(): Promise<void> {
    const { cache, bus } = this.#settings
    const handlers = bus ? this.#eventHandlers() : []
    if (bus && handlers.length > 0) this.#subscription = await cache.subscribe(bus, handlers)
    await cache.ready()
  }

  async onApplicationShutdown(): Promise<void> {
    const { cache, keepOpen } = this.#settings
    await this.#subscription?.close()
    if (!keepOpen) await cache.close()
  }

  /** The instances of controllers and providers with `@OnEvent`, each once. */
  #eventHandlers(): object[] {
    const all = [...this.#discovery.getControllers(), ...this.#discovery.getProviders()]
    const instances = all.map(({ instance }): unknown => instance)
    return [...new Set(instances)].filter(
      (instance): instance is object =>
        typeof instance === 'object' && instance !== null && hearsEvents(instance.constructor),
    )
  }
}

function hearsEvents(classType: unknown): boolean {
  if (typeof classType !== 'function') return false
  return methodNamesOf(classType).some((name) =>
    declarationsOf(classType, name).some(({ kind }) => kind === 'event'),
  )
}

function settingsOf(made: Factored): ExpressCacheableSettings {
  const settings = made instanceof Cache ? { cache: made } : made
  partsOf(Object(settings).cache ?? {})
  return settings
}

/** @throws CacheError `E_CACHE_OPTION` on another platform, whose requests and responses are others. */
function requireExpress({ httpAdapter }: HttpAdapterHost): void {
  const platform = httpAdapter?.getType?.()
  if (platform === 'express') return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'ExpressCacheableModule',
    problem: `the application runs on the platform '${platform}', and the cache knows Express alone`,
    mend: 'Create it with @nestjs/platform-express, or cache what its services give with cache.methods() and cache.wrap().',
  })
}

/**
 * Puts the interceptor of the cache around all others, whatever the order of modules.
 *
 * @throws CacheError `E_CACHE_OPTION` for a second one.
 */
function putFirst(config: ApplicationConfig): void {
  const all = config.getGlobalInterceptors()
  const own = all.filter((interceptor) => interceptor instanceof CachingInterceptor)
  if (own.length > 1) {
    throw new CacheError('E_CACHE_OPTION', {
      where: 'ExpressCacheableModule',
      problem: 'the module is there twice in one application',
      mend: 'Import it once, in the root module: it is global.',
    })
  }
  const others = all.filter((interceptor) => !(interceptor instanceof CachingInterceptor))
  all.splice(0, all.length, ...own, ...others)
}
