import type { RequestListener } from 'node:http'
import type { AuditFinding } from './auditing/audit-findings.js'
import { CacheParts, keepParts } from './cache-parts.js'
import type { ForgottenEviction } from './checking/forgotten-evictions.js'
import type { UnneededEviction } from './checking/unneeded-evictions.js'
import type { RedisClient } from './clients/redis-client.js'
import { readController } from './decorators/read-controller.js'
import type { CacheListener } from './engine/cache-event.js'
import type { CacheStatistics } from './engine/statistics.js'
import type { EventBus, Subscription } from './events/bus.js'
import { readBindings } from './events/read-bindings.js'
import { subscribeBindings } from './events/subscribe.js'
import { warningsAbout } from './events/warnings-about.js'
import { barrierMiddleware } from './express/barrier-middleware.js'
import type { FrontOptions } from './express/front/front-lane.js'
import { buildHandlers, type Handlers } from './express/handlers.js'
import { type CacheMiddleware, readMiddleware, writeMiddleware } from './express/middleware.js'
import { type ForgetOptions, type ForgetReceipt, type ForgetSubject, forget } from './forget.js'
import { buildMethods, type Methods } from './functions/cached-methods.js'
import { callThrough } from './functions/call-through.js'
import { codecOf, type Serializer } from './functions/serializer.js'
import { type WrapArguments, type WrapOptions, wrappedCall } from './functions/wrap.js'
import { decodeValue, encodeValue } from './json-value.js'
import { refusalOfKey, refusalOfTag, requireGlob, requireKey, requireTag } from './keys/raw-key.js'
import { checkQuestion } from './monitoring/explain/check-question.js'
import { explain } from './monitoring/explain/explain.js'
import { tellAll } from './monitoring/gathering.js'
import type { ExplainQuestion, Explanation } from './monitoring/reports.js'
import { type CacheOptions, resolveOptions } from './options.js'
import { checkOptions } from './rules/check-options.js'
import type {
  CacheableOptions,
  CacheEvictOptions,
  CachePutOptions,
  RequestDeclaration,
} from './rules/declaration.js'
import { type Duration, toMilliseconds } from './rules/duration.js'
import { evictionDeclaration, type PatternsOrOptions } from './rules/eviction-declaration.js'
import { type KeyFunction, labelOfKey } from './rules/key-function.js'
import { resolveRule } from './rules/resolve-rule.js'
import type { Rule } from './rules/rule.js'
import { type TtlOrOptions, ttlAndOptions } from './rules/ttl-or-options.js'
import type { Selector, StoredValue } from './stores/store.js'
import { type WarmOptions, warm } from './warm.js'

const EVERYTHING: readonly Selector[] = [{ kind: 'glob', glob: '*' }]

/**
 * A cache for the routes of one process.
 *
 * Its calls for keys (`get`, `set`, …) and its rules work on the same values: what a route stored is what
 * `get` reads, and what `set` stores is a hit for the route. Trouble with Redis never makes a call reject.
 */
export class Cache {
  readonly #parts: CacheParts

  /** Use `createCache`. */
  constructor(options: CacheOptions) {
    this.#parts = new CacheParts(resolveOptions(options))
    keepParts(this, this.#parts)
  }

  /** The client in use; `null` with the in-process store. */
  get redis(): RedisClient | null {
    return this.#parts.client?.itself ?? null
  }

  /**
   * Checks all rules, and waits until the store has been reached or has failed to be, two seconds at most; and then until
   * the other processes have said that they owe it no evictions, two seconds at most.
   * Call it once, after the last route and before `listen`.
   *
   * @param app - With it, each `{name}` is checked against the path of its route.
   * @throws CacheError for a mistake in a rule; never for an unreachable Redis.
   */
  async ready(app?: object): Promise<void> {
    this.verify(app)
    await this.#parts.engine.ready()
  }

  /** The checks of `ready`, at once. @throws CacheError, see `docs/reference/errors.md`. */
  verify(app?: object): void {
    this.#parts.verify(app)
  }

  /** Ends the connection that this cache opened. A client that was passed in stays open. */
  close(): Promise<void> {
    return this.#parts.close()
  }

  /** The value under a key; `null` on a miss, on any trouble, and for an answer that is not JSON. */
  async get<T = unknown>(key: string): Promise<T | null> {
    const [value] = await this.getMany<T>([key])
    return value ?? null
  }

  /**
   * The values under several keys, in their order, as `get` gives each: in one round trip.
   *
   * @example
   * const [ada, bob] = await cache.getMany(['customer:1', 'customer:2'])
   */
  async getMany<T = unknown>(keys: readonly string[]): Promise<(T | null)[]> {
    // Nobody stores under what is no key, and what the store keeps there is no value.
    const found = (await this.#parts.engine.peekAll(keys.filter(isKey))).values()
    const values = keys.map((key) => (isKey(key) ? this.#valueOf(key, found.next().value ?? null) : null))
    return (await Promise.all(values)) as (T | null)[]
  }

  /**
   * Stores a value as JSON. It counts as newer than anything a running request has read.
   *
   * @param ttl - Seconds, or a text such as `'10m'`; without it the cache's default.
   * @returns Whether it was stored; `undefined` and functions have no JSON and are not.
   * @throws CacheError `E_CACHE_KEY`, `E_CACHE_TTL`, or `E_CACHE_VALUE` for a value that JSON cannot say (cycles, bigint).
   */
  async set(key: string, value: unknown, ttl?: Duration): Promise<boolean> {
    requireKey(key, 'cache.set')
    const where = `cache.set('${key}')`
    const { engine, options, registry } = this.#parts
    const ttlMs = ttl === undefined ? options.defaultTtlMs : toMilliseconds(ttl, 'TTL', where)
    const bytes = encodeValue(value, where)
    this.#parts.warnOfUntagged(key, where)
    return bytes !== undefined && engine.set(key, bytes, registry.lifetimeMs(key, ttlMs))
  }

  /**
   * Removes one key and its variants.
   *
   * @returns Whether a value was removed.
   * @throws CacheError `E_CACHE_KEY`.
   */
  async delete(key: string): Promise<boolean> {
    requireKey(key, 'cache.delete')
    return (await this.#parts.engine.evict([{ kind: 'key', key }], null, 'cache.delete')) > 0
  }

  /**
   * Removes the keys that a Redis glob matches (`*`, `?`, `[a-c]`, `\` before a character to be itself). Put no
   * request's values into one: unlike a pattern, a glob does not escape them.
   *
   * @returns How many values were removed.
   * @throws CacheError `E_CACHE_KEY` for a glob of more than 4,096 bytes or 16 stars.
   */
  async deletePattern(glob: string): Promise<number> {
    requireGlob(glob, 'cache.deletePattern')
    return this.#parts.engine.evict([{ kind: 'glob', glob }], null, 'cache.deletePattern')
  }

  /**
   * Removes the entries that carry one of these tags.
   *
   * @param tags - As they stand on entries: a value that a rule has put there is escaped, as it is in keys.
   * @returns How many values were removed.
   * @throws CacheError `E_CACHE_TAG`.
   * @example
   * await cache.deleteTags(['author:7'])
   */
  async deleteTags(tags: string | readonly string[]): Promise<number> {
    const texts = [tags].flat()
    for (const tag of texts) requireTag(tag, 'cache.deleteTags')
    const selectors = [...new Set(texts)].map((tag) => ({ kind: 'tag', tag }) as const)
    return this.#parts.engine.evict(selectors, null, 'cache.deleteTags')
  }

  /**
   * Removes all that this cache holds, in all processes that share it: in Redis what lies under its `keyPrefix` and was
   * stored by a cache, and nothing else. It is acknowledged as every eviction is, and what loads have begun before it is not
   * stored after it.
   *
   * @returns How many values were removed.
   * @example
   * afterEach(() => cache.clear())
   */
  clear(): Promise<number> {
    return this.#parts.engine.evict(EVERYTHING, null, 'cache.clear')
  }

  /**
   * Removes each entry that names somebody, or was made from their rows: in Redis, in the copies of all processes and for
   * the front lane. Delete the rows first: what is loaded afterwards is stored again, and nothing that was loaded before.
   *
   * An entry names `{ user: 42 }` if 42 stands by itself in its key or a tag, whatever it means there: `user:42`, `user-42`
   * and `customer:42`, not `user:142`. Its rows are known where a tracker follows the database: that of the table called
   * `user`, `users` or so with 42 as its primary key, and those of tables with a foreign key to it.
   *
   * @param subject - One name or several.
   * @returns A receipt. A store that does not answer makes it say so, once `waitMs` are over.
   * @throws CacheError `E_CACHE_OPTION` for a subject without names, or one that no table of a tracked database fits.
   * @example
   * const { removed, acknowledged } = await cache.forget({ user: 42 })
   */
  forget(subject: ForgetSubject, options: ForgetOptions = {}): Promise<ForgetReceipt> {
    const parts = this.#parts
    return forget(subject, options, {
      ...{ engine: parts.engine, registry: parts.registry, databases: [...parts.tracked.values()] },
      forgetNamed: (isNamed) => parts.forgetNamed(isNamed),
      tellOthers: (words) => tellAll(parts, { kind: 'forget', words }),
    })
  }

  /**
   * Gives the answer tags that the handler which calls this is loading, beside those of its rule. Where no answer is
   * being loaded that is going to be stored, it does nothing.
   *
   * @param tags - As they are to stand on the entry. A text that is too long, or empty, keeps the answer from being stored.
   * @throws CacheError `E_CACHE_TAG` for what is no text.
   * @example
   * router.get('/feed', cache.cacheable('feed', 60), async (req, res) => {
   *   const articles = await newest()
   *   cache.tag(...articles.map(({ authorId }) => `author:${authorId}`))
   *   res.json(articles)
   * })
   */
  tag(...tags: string[]): void {
    for (const tag of tags) if (typeof tag !== 'string') requireTag(tag, 'cache.tag')
    const load = this.#parts.context.loads.current
    load?.add(tags.filter((tag) => refusalOfTag(tag) === undefined))
    if (tags.some((tag) => refusalOfTag(tag) !== undefined)) load?.noteUnknown()
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
    const { options, context } = this.#parts
    const rulesByMethod = readController(controller, options.defaultTtl, 'cache.handlers()')
    this.#parts.registerController(controller, rulesByMethod)
    return buildHandlers(controller, rulesByMethod, context)
  }

  /**
   * The value under a key, or what `load` gives: it runs once for all who ask at the same time, in all processes while
   * the lease holds, and its value is stored unless something of it was evicted meanwhile. What it throws goes to who
   * asked. Trouble with Redis never rejects: `load` then runs.
   *
   * Within a handler or another load, its tags become tags of that too, whether it was a hit or not.
   *
   * @param key - As it is to stand in the store, as for `set`: escape values of requests.
   * @param ttl - Seconds, or a text such as `'10m'`.
   * @param load - Gives plain data, or anything with a `serializer`.
   * @throws CacheError `E_CACHE_VALUE` for a value that JSON cannot say; `E_CACHE_KEY`, `E_CACHE_TTL`, `E_CACHE_OPTION`.
   * @example
   * const rates = await cache.wrap('rates:eur', '1h', () => fetchRates('eur'), { tags: ['rates'] })
   */
  async wrap<Value>(
    key: string,
    ttl: Duration,
    load: () => Value | Promise<Value>,
    ...[options = {}]: WrapArguments<Value>
  ): Promise<Value> {
    const call = wrappedCall(key, ttl, load, options as WrapOptions<never>, this.#parts.wrapLabels)
    return (await callThrough(call, this.#parts.callContext)) as Value
  }

  /**
   * The methods of a service, which do what its decorators say: `@Cacheable` gives values from the cache, `@CacheEvict`
   * and `@CachePut` act once a method has succeeded, and before it resolves. Each gives a promise.
   *
   * Sources of templates are `{args.0}`, `{args.0.id}` and, where something is known of it, `{result.…}`. What a method
   * calls on `this` goes past the cache.
   *
   * @throws CacheError naming class and method, for any mistake in a decorator.
   * @example
   * const reports = cache.methods(new ReportService())
   * const report = await reports.monthly(2026, 11)
   */
  methods<Service extends object>(
    service: Service,
    options: { readonly serializer?: Serializer } = {},
  ): Methods<Service> {
    const { defaultTtl } = this.#parts.options
    checkOptions('cache.methods', options, 'cache.methods()')
    const rulesByMethod = readController(service, defaultTtl, 'cache.methods()', { isCall: true })
    for (const { rules } of rulesByMethod.values()) this.#parts.register(rules, service)
    const verify = () => this.#parts.registry.verify()
    const context = { ...this.#parts.callContext, codec: codecOf(options.serializer), verify }
    return buildMethods(service, rulesByMethod, context)
  }

  /**
   * Middleware that answers from the cache; what `@Cacheable` does, without a class.
   *
   * @throws CacheError
   * @example
   * router.get('/feed', cache.cacheable((req) => ['feed', req.get('x-tenant')], 60), showFeed)
   */
  cacheable(key: string | KeyFunction, ttl?: Duration, options?: CacheableOptions): CacheMiddleware
  cacheable(key: string | KeyFunction, options: CacheableOptions): CacheMiddleware
  cacheable(
    key: string | KeyFunction,
    second?: TtlOrOptions<CacheableOptions>,
    third?: CacheableOptions,
  ): CacheMiddleware {
    const label = typeof key === 'function' ? labelOfKey(key) : `'${key}'`
    return this.#middleware(`cache.cacheable(${label})`, {
      ...{ kind: 'cacheable', key },
      ...ttlAndOptions(second, third),
    })
  }

  /** Middleware that evicts after a successful write; what `@CacheEvict` does, without a class. @throws CacheError */
  evict(patterns: string | readonly string[], options?: CacheEvictOptions): CacheMiddleware
  evict(options: CacheEvictOptions): CacheMiddleware
  evict(first: PatternsOrOptions, options?: CacheEvictOptions): CacheMiddleware {
    return this.#middleware(`cache.evict(${JSON.stringify(first)})`, evictionDeclaration(first, options))
  }

  /** Middleware that stores a write's answer; what `@CachePut` does, without a class. @throws CacheError */
  put(key: string, ttl?: Duration, options?: CachePutOptions): CacheMiddleware
  put(key: string, options: CachePutOptions): CacheMiddleware
  put(key: string, second?: TtlOrOptions<CachePutOptions>, third?: CachePutOptions): CacheMiddleware {
    return this.#middleware(`cache.put('${key}')`, { kind: 'put', key, ...ttlAndOptions(second, third) })
  }

  /**
   * Middleware that holds a write's answer until all that followed databases have committed by its end is evicted, whatever
   * wrote it: raw SQL, an ORM that nothing tracks, a procedure. Who reads after the answer sees the write.
   *
   * It waits `deadlineMs` at most. Then all that was made from rows of the database is evicted, and the answer leaves with
   * `detail="follower late"` in its `Cache-Status`. Requests with a safe method (GET, HEAD, OPTIONS, TRACE) pass untouched,
   * and so do answers of 400 and up. A stream that is answered to another method is held to its end, or to `maxBodyBytes`.
   *
   * A database is followed by `followDatabase` of `express-cacheable/postgres`; where none is, the first write gets the error
   * `E_CACHE_BARRIER`.
   *
   * @example
   * router.put('/customers/:id', cache.barrier(), updateCustomer)
   * app.use(cache.barrier())
   */
  barrier(): CacheMiddleware {
    return barrierMiddleware(this.#parts.context)
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
    return this.#parts.front(app, options)
  }

  /**
   * Lets the methods of handlers with `@OnEvent` hear a bus, and evicts what their `@CacheEvict` says. Logs a warning of
   * what looks wrong with them, such as an event that is not in the bus's catalogue.
   *
   * @param handlers - One instance or several.
   * @throws CacheError for a mistake in a decorator, or if no method has `@OnEvent`.
   */
  async subscribe(bus: EventBus, handlers: object | readonly object[]): Promise<Subscription> {
    const { engine, options, store, context, monitor } = this.#parts
    const bindings = [handlers].flat().flatMap((handler) => readBindings(handler, options.defaultTtl))
    // A method may hear several events, and has its rules once.
    this.#parts.register(new Set(bindings.flatMap(({ evicts }) => evicts)))
    for (const binding of bindings) {
      const { where, topic, eventType } = binding
      monitor.introduceEvent(where, `${topic} ${eventType}`)
      for (const warning of warningsAbout(binding, bus, store.kind)) this.#parts.warn(warning)
    }
    const heard = context.evictsDeclared ? bindings : bindings.map((binding) => ({ ...binding, evicts: [] }))
    return subscribeBindings(bus, heard, engine, context.derived)
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
    const parts = this.#parts
    return warm(options, {
      ...parts.context,
      warnOfUntagged: (key, where) => parts.warnOfUntagged(key, where),
    })
  }

  /** What the cache has done so far. */
  stats(): CacheStatistics {
    return this.#parts.statistics()
  }

  /**
   * Which store is in use, whether it could be reached when last tried, the state of the circuit before it, and
   * `owedEvictions`: how many evictions are pending, as the store has not acknowledged them yet.
   */
  status(): CacheStatistics['store'] {
    return this.#parts.status()
  }

  /**
   * Entries that writes have left although they were made from what the writes have changed, with
   * `dependencies: 'check'` and a tracker; the first 1,000. What a write in no rule has left is in it from its commit on,
   * and out of it again once this process evicts it.
   *
   * @example
   * after(() => {
   *   expect(cache.forgotten()).to.be.empty
   * })
   */
  forgotten(): readonly ForgottenEviction[] {
    return this.#parts.context.derived.forgotten()
  }

  /**
   * The last 100 entries that audits have found to be stale, the newest last; see the option `audit`. Fields are told by their
   * names alone.
   *
   * @example
   * for (const { rule, key, fields, staleForMs } of cache.audits()) console.warn(rule, key, fields, staleForMs)
   */
  audits(): readonly AuditFinding[] {
    return this.#parts.auditor?.findings() ?? []
  }

  /**
   * Patterns of `@CacheEvict` that have never covered an entry which was made from what their writes had changed, with
   * `dependencies: 'check'` and a tracker. Only what was in the cache counts: ask after a suite that reads before it
   * writes.
   */
  unneeded(): readonly UnneededEviction[] {
    return this.#parts.context.derived.unneeded()
  }

  /**
   * What this cache would do with a request, step by step, and why; nothing is sent and no handler runs. What only a request
   * that came could tell, such as its body or what middleware leaves on it, is `unknown`.
   *
   * @param question - Method, path with query, headers, and who is signed in.
   * @param app - The application; not needed once `ready(app)` or `registerControllers` has had it.
   * @returns One for each rule that the request would meet, in that order; none, where no route takes it.
   * @throws CacheError `E_CACHE_OPTION` for a question without a method or a path.
   * @example
   * const [why] = await cache.explain({ method: 'GET', url: '/customers/42' })
   * console.log(why?.next.xCache, why?.next.because)
   */
  explain(question: ExplainQuestion, app?: object): Promise<readonly Explanation[]> {
    checkQuestion(question)
    return explain(this.#parts, question, app)
  }

  /** The rules registered so far. */
  rules(): readonly Rule[] {
    return [...this.#parts.registry.list()]
  }

  /** Calls a listener with every event from now on. @returns A function that ends it. */
  observe(listener: CacheListener): () => void {
    return this.#parts.listeners.add(listener)
  }

  #valueOf(key: string, found: StoredValue | null): Promise<unknown> {
    const { options, registry } = this.#parts
    const mayHaveStatus = (status: number) => registry.stores(key, status)
    return decodeValue({ found, mayHaveStatus, maxBodyBytes: options.maxBodyBytes })
  }

  #middleware(where: string, declaration: RequestDeclaration): CacheMiddleware {
    const { context, options } = this.#parts
    const { defaultTtl } = options
    const rule = resolveRule(declaration, { where, classConfig: {}, defaultTtl, isEventHandler: false })
    this.#parts.register([rule])
    return rule.kind === 'cacheable' ? readMiddleware(rule, context) : writeMiddleware([rule], context)
  }
}

function isKey(key: unknown): boolean {
  return refusalOfKey(key) === undefined
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
