import type { RequestListener } from 'node:http'
import type { Cluster, Redis } from 'ioredis'
import { readController } from './decorators/read-controller.js'
import type { CacheEvent, CacheListener } from './engine/cache-event.js'
import { Engine } from './engine/engine.js'
import { LoadTimes } from './engine/load-times.js'
import { logLines } from './engine/log-lines.js'
import { type CacheStatistics, Statistics } from './engine/statistics.js'
import { CacheError } from './errors.js'
import type { EventBus, Subscription } from './events/bus.js'
import { type EventBinding, subscribeBindings } from './events/subscribe.js'
import { warningsAbout } from './events/warnings-about.js'
import type { MiddlewareContext } from './express/context.js'
import { FrontLane, type FrontOptions } from './express/front/front-lane.js'
import { buildHandlers, type Handlers, middlewareFor } from './express/handlers.js'
import type { CacheMiddleware } from './express/middleware.js'
import { verifyRoutes } from './express/verify-routes.js'
import { plainBody } from './http/at-rest.js'
import { RecentAnswers } from './http/recent-answers.js'
import { decodeRepresentation, encodeJson, parsedJson } from './http/representation.js'
import { type CacheOptions, type ResolvedOptions, resolveOptions } from './options.js'
import type {
  CacheableOptions,
  CacheEvictOptions,
  CachePutOptions,
  Declaration,
} from './rules/declaration.js'
import { type Duration, toMilliseconds } from './rules/duration.js'
import { RuleRegistry } from './rules/registry.js'
import { resolveRule } from './rules/resolve-rule.js'
import type { Rule } from './rules/rule.js'
import { ClusterStore } from './stores/cluster/cluster-store.js'
import { MemoryStore } from './stores/memory/memory-store.js'
import { connectRedis } from './stores/redis/connect-redis.js'
import type { RedisClient } from './stores/redis/redis-client.js'
import { RedisStore } from './stores/redis/redis-store.js'
import type { Store, StoredValue } from './stores/store.js'
import { TieredStore } from './stores/tiered/tiered-store.js'
import { toJson } from './tools/to-json.js'
import { type WarmOptions, warm } from './warm.js'

/**
 * A cache for the routes of one process.
 *
 * Its calls for keys (`get`, `set`, …) and its rules work on the same values: what a route stored is what
 * `get` reads, and what `set` stores is a hit for the route. Trouble with Redis never makes a call reject.
 */
export class Cache {
  readonly #options: ResolvedOptions
  readonly #client: RedisClient | null
  readonly #store: Store
  readonly #engine: Engine
  readonly #registry: RuleRegistry
  readonly #statistics = new Statistics()
  readonly #listeners = new Set<CacheListener>()
  readonly #warned = new Set<string>()
  readonly #loadTimes = new LoadTimes()
  readonly #recentAnswers = new RecentAnswers()
  #frontLane: FrontLane | undefined

  /** Use `createCache`. */
  constructor(options: CacheOptions) {
    this.#options = resolveOptions(options)
    const emit = (event: CacheEvent): void => this.#emit(event)
    this.#listeners.add(this.#statistics.listener)
    this.#listeners.add(this.#loadTimes.listener)
    this.#listeners.add(logLines(this.#options.logger, this.#loadTimes))
    const { client, store } = openStore(this.#options, (error) => this.#engine.reportTrouble(error))
    this.#client = client
    this.#store = store
    this.#engine = new Engine(store, this.#options.leaseMs, emit)
    this.#registry = new RuleRegistry(this.#options.externalTemplates)
  }

  /** The ioredis client in use; `null` with the in-process store. */
  get redis(): RedisClient | null {
    return this.#client
  }

  /**
   * Checks all rules, and waits until the store has been reached or has failed to be, two seconds at most.
   * Call it once, after the last route and before `listen`.
   *
   * @param app - With it, each `{name}` is checked against the path of its route.
   * @throws CacheError for a mistake in a rule; never for an unreachable Redis.
   */
  async ready(app?: object): Promise<void> {
    this.verify(app)
    await this.#store.ready()
  }

  /** The checks of `ready`, at once. @throws CacheError, see `docs/reference/errors.md`. */
  verify(app?: object): void {
    this.#registry.verify()
    if (app) for (const warning of verifyRoutes(app)) this.warn(warning)
  }

  /** Ends the connection that this cache opened. A client that was passed in stays open. */
  async close(): Promise<void> {
    await this.#engine.close()
    await this.#store.close()
  }

  /** The value under a key; `null` on a miss, on any trouble, and for an answer that is not JSON. */
  async get<T = unknown>(key: string): Promise<T | null> {
    return jsonOf<T>(await this.#engine.peek(key))
  }

  /**
   * The values under several keys, in their order, as `get` gives each: in one round trip.
   *
   * @example
   * const [ada, bob] = await cache.getMany(['customer:1', 'customer:2'])
   */
  async getMany<T = unknown>(keys: readonly string[]): Promise<(T | null)[]> {
    return (await this.#engine.peekAll(keys)).map((found) => jsonOf<T>(found))
  }

  /**
   * Stores a value as JSON. It counts as newer than anything a running request has read.
   *
   * @param ttl - Seconds, or a text such as `'10m'`; without it the cache's default.
   * @returns Whether it was stored; `undefined` and functions have no JSON and are not.
   * @throws CacheError `E_CACHE_TTL`, or `E_CACHE_VALUE` for a value that JSON cannot say (cycles, bigint).
   */
  async set(key: string, value: unknown, ttl?: Duration): Promise<boolean> {
    const where = `cache.set('${key}')`
    const ttlMs = ttl === undefined ? this.#options.defaultTtlMs : toMilliseconds(ttl, 'TTL', where)
    const text = toJson(value, where)
    if (text === undefined) return false
    return this.#engine.set(key, encodeJson(Buffer.from(text)), this.#registry.lifetimeMs(key, ttlMs))
  }

  /** Removes one key and its variants. @returns Whether a value was removed. */
  async delete(key: string): Promise<boolean> {
    return (await this.#engine.evict([{ kind: 'key', key }])) > 0
  }

  /**
   * Removes the keys that a Redis glob matches (`*`, `?`, `[a-c]`, `\` before a character to be itself). Put no
   * request's values into one: unlike a pattern, a glob does not escape them.
   *
   * @returns How many values were removed.
   */
  deletePattern(glob: string): Promise<number> {
    return this.#engine.evict([{ kind: 'glob', glob }])
  }

  /**
   * The methods of a controller as lists of handlers, with the middleware that its decorators ask for.
   *
   * @throws CacheError naming class and method, for any mistake in a decorator.
   * @example
   * const customers = cache.handlers(new CustomerController())
   * router.get('/customers/:id', customers.getCustomer)
   */
  handlers<Controller extends object>(controller: Controller): Handlers<Controller> {
    const rulesByMethod = readController(controller, this.#options.defaultTtl, 'cache.handlers()')
    for (const { rules } of rulesByMethod.values()) this.register(rules)
    return buildHandlers(controller, rulesByMethod, this.middlewareContext)
  }

  /** Middleware that answers from the cache; what `@Cacheable` does, without a class. @throws CacheError */
  cacheable(key: string, ttl?: Duration, options: CacheableOptions = {}): CacheMiddleware {
    return this.#middleware(`cache.cacheable('${key}')`, { kind: 'cacheable', key, ttl, options })
  }

  /** Middleware that evicts after a successful write; what `@CacheEvict` does, without a class. @throws CacheError */
  evict(patterns: string | readonly string[], options: CacheEvictOptions = {}): CacheMiddleware {
    return this.#middleware(`cache.evict(${JSON.stringify(patterns)})`, { kind: 'evict', patterns, options })
  }

  /** Middleware that stores a write's answer; what `@CachePut` does, without a class. @throws CacheError */
  put(key: string, ttl?: Duration, options: CachePutOptions = {}): CacheMiddleware {
    return this.#middleware(`cache.put('${key}')`, { kind: 'put', key, ttl, options })
  }

  /**
   * Wraps an application, so that hits of `public` rules are answered before it sees the request.
   *
   * What is mounted in the application does not hear of such an answer: no access log, no rate limit. The headers
   * that its middleware sets are on it, learned from answers that went through. Only what this process holds itself
   * is answered so: with the in-process store, or with the option `memory`.
   *
   * @example
   * http.createServer(cache.front(app)).listen(3000)
   */
  front(app: RequestListener, options: FrontOptions = {}): RequestListener {
    if (this.#frontLane) {
      throw new CacheError('E_CACHE_OPTION', {
        where: 'cache.front()',
        problem: 'this cache has an application behind its front already',
        mend: 'Give each application a cache of its own, with a keyPrefix of its own.',
      })
    }
    this.#frontLane = new FrontLane(app, this.middlewareContext, options)
    return this.#frontLane.listener
  }

  /**
   * Lets the methods of handlers with `@OnEvent` hear a bus, and evicts what their `@CacheEvict` says. What looks wrong
   * with them, such as an event that nobody publishes, is told in the log.
   *
   * @param handlers - One instance or several.
   * @throws CacheError for a mistake in a decorator, or if no method has `@OnEvent`.
   */
  async subscribe(bus: EventBus, handlers: object | readonly object[]): Promise<Subscription> {
    const bindings = [handlers].flat().flatMap((handler) => this.#bindingsOf(handler))
    for (const binding of bindings) {
      for (const doubt of warningsAbout(binding, bus, this.#store.kind)) this.warn(doubt)
    }
    return subscribeBindings(bus, bindings, this.#engine)
  }

  /**
   * Stores rows ahead of their first reader, never over a value that is there or newer.
   *
   * @returns How many values were stored.
   * @throws CacheError for a mistake in the options; what `load` throws goes through.
   * @example
   * await cache.warm({ key: 'customer:{id}', ttl: 600, load: () => newestCustomers(100), name: 'customers' })
   */
  warm<Row>(options: WarmOptions<Row>): Promise<number> {
    return warm(options, this.middlewareContext)
  }

  /** What the cache has done so far. */
  stats(): CacheStatistics {
    return this.#statistics.snapshot(this.status())
  }

  /** Which store is in use, whether it could be reached when last tried, whether it is asked, and what it is owed. */
  status(): CacheStatistics['store'] {
    const { circuit, pendingEvictions } = this.#engine
    return {
      kind: this.#store.kind,
      available: this.#store.isAvailable(),
      circuit,
      owedEvictions: pendingEvictions,
    }
  }

  /** The rules registered so far. */
  rules(): readonly Rule[] {
    return [...this.#registry.list()]
  }

  /** Tells a listener every event from now on. @returns A function that ends it. */
  observe(listener: CacheListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** @internal What adapters for frameworks build their middleware with. */
  get middlewareContext(): MiddlewareContext {
    const { isEnabled, maxBodyBytes, leaseMs, harmlessCookies, clientHeaders } = this.#options
    return {
      engine: this.#engine,
      emit: (event) => this.#emit(event),
      warn: (warning) => this.warn(warning),
      ...{ isEnabled, maxBodyBytes, leaseMs, harmlessCookies, clientHeaders },
      recentAnswers: this.#recentAnswers,
      frontLane: () => this.#frontLane,
      loadMs: (rule) => this.#loadTimes.of(rule),
      verify: () => this.#registry.verify(),
      lifetimeMs: (key, ttlMs) => this.#registry.lifetimeMs(key, ttlMs),
    }
  }

  /** @internal */
  get defaultTtl(): Duration {
    return this.#options.defaultTtl
  }

  /** @internal Tells what looks wrong and may be meant, once. */
  warn(warning: string): void {
    if (this.#warned.has(warning)) return
    this.#warned.add(warning)
    this.#options.logger.warn(warning)
  }

  /** @internal Makes rules known to verification and statistics. */
  register(rules: readonly Rule[]): void {
    for (const rule of rules) {
      this.#registry.add(rule)
      if (rule.kind === 'cacheable') this.#statistics.introduce(rule)
    }
  }

  #middleware(where: string, declaration: Exclude<Declaration, { kind: 'event' }>): CacheMiddleware {
    const { defaultTtl } = this.#options
    const rule = resolveRule(declaration, { where, classConfig: {}, defaultTtl, isEventHandler: false })
    this.register([rule])
    return middlewareFor([rule], this.middlewareContext)[0] as CacheMiddleware
  }

  #bindingsOf(handler: object): EventBinding[] {
    const methods = readController(handler, this.#options.defaultTtl, 'cache.subscribe()')
    const bindings = [...methods].flatMap(([method, { rules, events }]) => {
      if (events.length === 0) return []
      this.register(rules)
      const evicts = rules.filter((rule) => rule.kind === 'evict')
      const handle: EventBinding['handle'] = (event) =>
        (handler as Record<string, EventBinding['handle']>)[method]?.(event)
      const where = `${handler.constructor.name}.${method}`
      return events.map(({ topic, eventType, options: { delivery = 'once' } }) => ({
        ...{ where, topic, eventType, delivery, handle, evicts },
      }))
    })
    if (bindings.length > 0) return bindings
    throw new CacheError('E_CACHE_BUS', {
      where: `cache.subscribe(): ${handler.constructor.name}`,
      problem: 'no method has @OnEvent',
      mend: `Put @OnEvent('user.events', 'USER_CREATED') on a method that handles an event.`,
    })
  }

  #emit(event: CacheEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        // A listener's mistake must not become an answer's, and a logger may be what has failed.
        process.emitWarning(error instanceof Error ? error : String(error), 'ExpressCacheableWarning')
      }
    }
  }
}

/**
 * Makes a cache.
 *
 * @throws CacheError `E_CACHE_OPTION` or `E_CACHE_TTL` for a mistake in the options. An unreachable Redis is none:
 *   requests are answered by their handlers until it is there.
 * @example
 * const cache = createCache({ redis: process.env.REDIS_URL, logger: console })
 */
export function createCache(options: CacheOptions = {}): Cache {
  return new Cache(options)
}

function openStore(
  options: ResolvedOptions,
  onTrouble: (error: unknown) => void,
): { client: RedisClient | null; store: Store } {
  const { redis, keyPrefix, deadlineMs, maxMemoryBytes, memory } = options
  if (redis === undefined) return { client: null, store: new MemoryStore({ maxBytes: maxMemoryBytes }) }
  const ownsClient = typeof redis === 'string'
  const client = ownsClient ? connectRedis(redis, { onTrouble }) : redis
  const storeOptions = { client: client as Redis | Cluster, keyPrefix, deadlineMs, ownsClient, onTrouble }
  if (memory) {
    requireWord(storeOptions.client)
    return { client, store: new TieredStore(new RedisStore(storeOptions), memory) }
  }
  const Store = storeOptions.client.isCluster ? ClusterStore : RedisStore
  return { client, store: new Store(storeOptions) }
}

function jsonOf<T>(found: StoredValue | null): T | null {
  const representation = found && decodeRepresentation(found.value)
  if (!representation) return null
  return (
    (parsedJson(representation.headers['content-type'], plainBody(representation)) as T | undefined) ?? null
  )
}

/** Word of evictions comes between the answers of one RESP3 connection, in the order in which things happened. */
function requireWord(client: Redis | Cluster): void {
  const { protocol } = client.options as { readonly protocol?: number }
  if (!client.isCluster && protocol === 3) return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ memory })',
    problem: client.isCluster
      ? 'copies in this process cannot be kept true with a cluster'
      : 'copies in this process need a connection that speaks RESP3',
    mend: client.isCluster
      ? 'Leave memory out.'
      : 'Use ioredis 6 with protocol 3, its default, or leave memory out.',
  })
}
