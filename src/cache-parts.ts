import type { RequestListener } from 'node:http'
import { CacheListeners } from './cache-listeners.js'
import { Engine } from './engine/engine.js'
import { LoadTimes } from './engine/load-times.js'
import { logLines } from './engine/log-lines.js'
import { type CacheStatistics, Statistics } from './engine/statistics.js'
import { CacheError } from './errors.js'
import type { MiddlewareContext } from './express/context.js'
import { FrontLane, type FrontOptions } from './express/front/front-lane.js'
import { RecentAnswers } from './http/recent-answers.js'
import { type OpenedStore, openStore } from './open-store.js'
import type { ResolvedOptions } from './options.js'
import { RuleRegistry } from './rules/registry.js'
import type { Rule } from './rules/rule.js'
import { joinNeighbours, type Neighbour, warnOfReach } from './shared-redis.js'

/** Not a module's own map: an application may have loaded this package both as ES module and as CommonJS. */
const PARTS = Symbol.for('express-cacheable:parts')

/** What one cache is made of. The public calls and the adapters for frameworks work with it. */
export class CacheParts {
  readonly options: ResolvedOptions
  readonly store: OpenedStore['store']
  readonly client: OpenedStore['client']
  readonly engine: Engine
  readonly registry: RuleRegistry
  readonly listeners = new CacheListeners()
  /** What middleware works with. */
  readonly context: MiddlewareContext
  readonly #statistics = new Statistics()
  readonly #warned = new Set<string>()
  readonly #neighbour: Neighbour | undefined
  readonly #leaveNeighbours: (() => void) | undefined
  #frontLane: FrontLane | undefined

  /** @throws CacheError, see `openStore`. */
  constructor(options: ResolvedOptions) {
    this.options = options
    const loadTimes = new LoadTimes()
    this.listeners.add(this.#statistics.listener)
    this.listeners.add(loadTimes.listener)
    this.listeners.add(logLines(options.logger, loadTimes))
    const { client, store } = openStore(options, (error) => this.engine.reportTrouble(error))
    this.client = client
    this.store = store
    this.engine = new Engine(store, options.leaseMs, (event) => this.listeners.emit(event))
    this.registry = new RuleRegistry(options.externalTemplates)
    if (client) {
      const { keyPrefix } = options
      const rules = () => this.registry.list()
      this.#neighbour = { client, keyPrefix, rules, warn: (warning) => this.warn(warning) }
      this.#leaveNeighbours = joinNeighbours(this.#neighbour)
    }
    this.context = {
      engine: this.engine,
      emit: (event) => this.listeners.emit(event),
      isEnabled: options.isEnabled,
      maxBodyBytes: options.maxBodyBytes,
      leaseMs: options.leaseMs,
      harmlessCookies: options.harmlessCookies,
      clientHeaders: options.clientHeaders,
      warn: (warning) => this.warn(warning),
      recentAnswers: new RecentAnswers(),
      frontLane: () => this.#frontLane,
      loadMs: (rule) => loadTimes.of(rule),
      verify: () => this.registry.verify(),
      lifetimeMs: (key, ttlMs) => this.registry.lifetimeMs(key, ttlMs),
    }
  }

  /** Makes rules known to verification and statistics. */
  register(rules: Iterable<Rule>): void {
    for (const rule of rules) {
      this.registry.add(rule)
      if (rule.kind === 'cacheable') this.#statistics.introduce(rule)
    }
  }

  /** Logs what looks wrong and may be meant, once. */
  warn(warning: string): void {
    if (this.#warned.has(warning)) return
    this.#warned.add(warning)
    this.options.logger.warn(warning)
  }

  /** Warns of keys of this cache that can be those of another on the same Redis, or the other way round. */
  warnOfReach(): void {
    if (this.#neighbour) warnOfReach(this.#neighbour)
  }

  /** Puts an application behind the front lane. @throws CacheError `E_CACHE_OPTION` for a second one. */
  front(app: RequestListener, options: FrontOptions): RequestListener {
    if (this.#frontLane) {
      throw new CacheError('E_CACHE_OPTION', {
        where: 'cache.front()',
        problem: 'this cache has an application behind its front already',
        mend: 'Give each application a cache of its own, with a keyPrefix of its own.',
      })
    }
    this.#frontLane = new FrontLane(app, this.context, options)
    return this.#frontLane.listener
  }

  statistics(): CacheStatistics {
    return this.#statistics.snapshot(this.status())
  }

  status(): CacheStatistics['store'] {
    const { circuit, pendingEvictions } = this.engine
    return {
      kind: this.store.kind,
      available: this.store.isAvailable(),
      circuit,
      owedEvictions: pendingEvictions,
    }
  }

  async close(): Promise<void> {
    this.#leaveNeighbours?.()
    await this.engine.close()
    await this.store.close()
  }
}

/** Leaves a cache's parts where `partsOf` finds them, and its users' types and printouts do not. */
export function keepParts(cache: object, parts: CacheParts): void {
  Object.defineProperty(cache, PARTS, { value: parts })
}

/** What a cache is made of. @throws CacheError `E_CACHE_OPTION` for what `createCache` has not made. */
export function partsOf(cache: object): CacheParts {
  const parts: CacheParts | undefined = Reflect.get(cache, PARTS)
  if (parts) return parts
  throw new CacheError('E_CACHE_OPTION', {
    problem: 'the cache is none of express-cacheable',
    mend: 'Pass what createCache() gave.',
  })
}
