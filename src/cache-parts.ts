import type { RequestListener } from 'node:http'
import type { ResolvedAudit } from './auditing/audit-options.js'
import { AuditPasses } from './auditing/audit-passes.js'
import { Auditor } from './auditing/auditor.js'
import { CacheListeners } from './cache-listeners.js'
import { Barrier } from './checking/barrier.js'
import { DerivedEvictions } from './checking/derived-evictions.js'
import type { MethodRules } from './decorators/read-controller.js'
import { unreadMethods, unreadWarnings } from './decorators/unread-methods.js'
import { FollowedDatabases } from './dependencies/followed-database.js'
import { RunningLoads } from './dependencies/load-tags.js'
import type { TrackedRows } from './dependencies/tracked-rows.js'
import type { ObservedCache } from './diagnostics/channels.js'
import { Engine } from './engine/engine.js'
import { LoadTimes } from './engine/load-times.js'
import { logLines, tellsHits } from './engine/log-lines.js'
import { publishEvents } from './engine/publish-events.js'
import { type CacheStatistics, Statistics } from './engine/statistics.js'
import { CacheError } from './errors.js'
import type { MiddlewareContext } from './express/context.js'
import { FrontLane, type FrontOptions } from './express/front/front-lane.js'
import { type DecoratedMethod, mountingWarnings } from './express/mounting-warnings.js'
import { WholeAnswers } from './express/response/whole-answers.js'
import { guardedUser } from './express/signed-in.js'
import { verifyRoutes } from './express/verify-routes.js'
import type { CallContext } from './functions/call-through.js'
import { WrapLabels } from './functions/wrap.js'
import { RecentAnswers } from './http/recent-answers.js'
import { SentBodies } from './http/sent-bodies.js'
import { takesFrom } from './keys/template.js'
import { rememberCache } from './known-caches.js'
import { Monitor } from './monitoring/monitor.js'
import { Monitoring } from './monitoring/monitoring.js'
import { type ProcessIdentity, processIdentity, reportOf } from './monitoring/process-report.js'
import { answerQuestion } from './monitoring/questions.js'
import { noIntentsInCluster, type OpenedStore, openStore } from './open-store.js'
import type { ResolvedOptions } from './options.js'
import { unknownUser } from './rules/check-visibility.js'
import { defaultWarnings } from './rules/default-warnings.js'
import { writtenBy } from './rules/eviction-targets.js'
import { needsUserOption } from './rules/identity.js'
import { RuleRegistry } from './rules/registry.js'
import type { Rule, WriteRule } from './rules/rule.js'
import { nameOf } from './rules/rule-routes.js'
import { joinNeighbours, type Neighbour, warnOfReach } from './shared-redis.js'

/** Not a module's own map: an application may have two copies of this package installed. */
const PARTS = Symbol.for('express-cacheable:parts')

/** What one cache is made of. The public calls and the adapters for frameworks work with it. */
export class CacheParts {
  readonly options: ResolvedOptions
  readonly store: OpenedStore['store']
  readonly client: OpenedStore['client']
  readonly engine: Engine
  /** What this process says of itself to whoever looks. */
  readonly monitoring: Monitoring
  readonly registry: RuleRegistry
  readonly listeners = new CacheListeners()
  /** What messages on diagnostics channels say of this cache. */
  readonly observed: ObservedCache
  readonly wrapLabels = new WrapLabels()
  /** What middleware works with. */
  readonly context: MiddlewareContext
  /** What functions with cached values work with. */
  readonly callContext: CallContext & Pick<MiddlewareContext, 'derived'>
  /** What trackers tell of commits. */
  readonly derived: DerivedEvictions
  /** Where commits of others are seen. */
  readonly followed = new FollowedDatabases()
  /** The databases whose statements are followed, by what tells them apart: each as the client sees it that looked last. */
  readonly tracked = new Map<string, TrackedRows>()
  /** What answers of writes wait for. */
  readonly barrier: Barrier
  /** What this cache has done, for whoever looks. */
  readonly monitor: Monitor
  /** Who it is among those that share a store. */
  readonly identity: ProcessIdentity
  /** Asks a share of hits again, if they are to be. */
  readonly auditor: Auditor | undefined
  /** The applications that this process is known to serve. */
  readonly applications = new Set<object>()
  readonly #statistics = new Statistics()
  readonly #warned = new Set<string>()
  readonly #closers = new Set<() => void>()
  readonly #neighbour: Neighbour | undefined
  readonly #leaveNeighbours: (() => void) | undefined
  readonly #forget: () => void
  readonly #decoratedMethods: DecoratedMethod[] = []
  #frontLane: FrontLane | undefined

  /** @throws CacheError, see `openStore`. */
  constructor(options: ResolvedOptions) {
    this.options = options
    this.observed = { keyPrefix: options.keyPrefix }
    const loadTimes = new LoadTimes()
    this.identity = processIdentity(options.name)
    this.monitor = new Monitor(
      this.#statistics,
      () => this.registry.list(),
      () => this.monitoring.isWatched,
    )
    this.listeners.add(this.monitor.listener)
    this.listeners.addForOthers(loadTimes.listener)
    const tellLines = logLines(options.logger, loadTimes)
    if (tellsHits(options.logger)) this.listeners.add(tellLines)
    else this.listeners.addForOthers(tellLines)
    this.listeners.add(publishEvents(this.observed))
    const { client, store } = openStore(options, (error) => this.engine.reportTrouble(error))
    this.client = client
    this.store = store
    this.engine = new Engine(store, options.leaseMs, (event) => this.listeners.emit(event), this.observed)
    this.monitoring = new Monitoring(this.engine)
    this.monitoring.onReport(() => reportOf(this))
    this.monitoring.onQuestion((question) => answerQuestion(this, question))
    this.registry = new RuleRegistry(options.externalTemplates)
    if (client) {
      if (client.risk) this.warn(`createCache({ redis }): ${client.risk}`)
      const { keyPrefix } = options
      const rules = () => this.registry.list()
      this.#neighbour = { server: client.identity, keyPrefix, rules, warn: (warning) => this.warn(warning) }
      this.#leaveNeighbours = joinNeighbours(this.#neighbour)
    }
    this.#forget = rememberCache(this)
    this.derived = new DerivedEvictions({
      engine: this.engine,
      registry: this.registry,
      dependencies: options.dependencies === 'instead' ? 'evict' : options.dependencies,
      // Without Redis, what is cached ends with the writer.
      isCrashSafe: options.isCrashSafe && client !== null,
      emit: (event) => this.listeners.emit(event),
      warn: (warning) => this.warn(warning),
    })
    this.barrier = new Barrier({
      followed: this.followed,
      engine: this.engine,
      deadlineMs: options.deadlineMs,
      isConnected: options.isConnected,
      emit: (event) => this.listeners.emit(event),
    })
    this.auditor = options.audit && this.#newAuditor(options.audit)
    this.context = {
      engine: this.engine,
      auditor: this.auditor,
      auditPasses: new AuditPasses(),
      emit: (event) => this.listeners.emit(event),
      isEnabled: options.isEnabled,
      watchesIdentity: options.watchesIdentity,
      isCrashSafe: options.isCrashSafe,
      evictsDeclared: options.dependencies !== 'instead',
      maxBodyBytes: options.maxBodyBytes,
      leaseMs: options.leaseMs,
      harmlessCookies: options.harmlessCookies,
      clientHeaders: options.clientHeaders,
      warn: (warning) => this.warn(warning),
      recentAnswers: new RecentAnswers(),
      sentBodies: new SentBodies(),
      wholeAnswers: new WholeAnswers(),
      frontLane: () => this.#frontLane,
      loads: new RunningLoads(),
      derived: this.derived,
      barrier: this.barrier,
      loadMs: (rule) => loadTimes.of(rule),
      verify: () => this.registry.verify(),
      lifetimeMs: (key, ttlMs) => this.registry.lifetimeMs(key, ttlMs),
      claimKey: (rule, key) => this.registry.claimKey(rule, key),
      userOf: options.user && guardedUser(options.user, (warning) => this.warn(warning)),
    }
    this.callContext = this.context
  }

  /**
   * Makes rules known to verification and statistics.
   *
   * @param owner - Whose method they stand on, if they stand on one.
   */
  register(rules: Iterable<Rule>, owner?: object): void {
    for (const rule of rules) {
      this.registry.add(rule, owner)
      if (rule.kind === 'cacheable') {
        if (needsUserOption(rule) && !this.options.user) throw unknownUser(rule)
        this.#statistics.introduce(rule)
      } else this.#checkCrashSafe(rule)
    }
  }

  /** Says that a tracker is going to tell of commits, before the first write. */
  track(): void {
    this.derived.track()
  }

  /** Warns, once for a rule, of an entry stored without the tags that the rule of its key gives. */
  warnOfUntagged(key: string, where: string): void {
    const rule = this.registry.givesTags(key)
    if (!rule) return
    const call = where.slice(0, where.indexOf('('))
    this.warn(
      `${call} stores keys of ${rule.where} without the tags that this gives them: no eviction by tag finds such an entry, unless it replaces one that has them.`,
    )
  }

  /** Makes the rules of a controller's methods known, and that the methods are to stand on routes. */
  registerController(controller: object, rulesByMethod: ReadonlyMap<string, MethodRules>): void {
    for (const [name, { rules, events }] of rulesByMethod) {
      this.register(rules, controller)
      const [first] = rules
      if (!first || events.length > 0) continue
      this.#decoratedMethods.push({ where: first.where, method: Reflect.get(controller, name) })
    }
  }

  /**
   * Checks the rules against each other, against those of other caches on the same Redis and, with an application, against
   * its routes. @throws CacheError
   */
  verify(app: object | undefined): void {
    if (app) this.applications.add(app)
    this.registry.verify()
    const { warning } = this.barrier
    if (warning) this.warn(warning)
    this.verifyUse(app, (warning) => this.warn(warning))
  }

  /** The part of `verify` that is about more than the rules of this cache. @throws CacheError */
  verifyUse(app: object | undefined, warn: (warning: string) => void): void {
    for (const warning of defaultWarnings(this.registry.list())) warn(warning)
    for (const warning of app ? verifyRoutes(app) : []) warn(warning)
    for (const warning of app ? mountingWarnings(app, this.#decoratedMethods) : []) warn(warning)
    for (const warning of unreadWarnings(unreadMethods())) warn(warning)
    if (this.#neighbour) warnOfReach(this.#neighbour)
  }

  /** What it has warned of so far. */
  get warnings(): readonly string[] {
    return [...this.#warned]
  }

  /** Logs what looks wrong and may be meant, once. */
  warn(warning: string): void {
    if (this.#warned.has(warning)) return
    this.#warned.add(warning)
    this.options.logger.warn(warning)
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
    this.applications.add(app)
    this.#frontLane = new FrontLane(app, this.context, options)
    return this.#frontLane.listener
  }

  /** @throws CacheError `E_CACHE_OPTION` for a rule with `crashSafe` on a cluster. */
  #checkCrashSafe(rule: WriteRule): void {
    if (rule.crashSafe && this.client?.isCluster) throw noIntentsInCluster(rule.where)
    if (!this.client || !this.options.isCrashSafe || rule.crashSafe !== undefined) return
    const { patterns, tags } = writtenBy(rule)
    const written = [...patterns, ...tags]
    if (written.length > 0 && written.every((template) => takesFrom(template, 'result'))) {
      this.warn(
        `${rule.where} is not crashSafe: all that it evicts names its answer, and is not known before the handler has run`,
      )
    }
  }

  #newAuditor(audit: ResolvedAudit): Auditor {
    return new Auditor(audit, {
      engine: this.engine,
      emit: (event) => this.listeners.emit(event),
      // By the name of the route, where several rules stand on one.
      alsoWrites: (rule) =>
        this.registry.list().some((other) => other.kind !== 'cacheable' && nameOf(other) === nameOf(rule)),
      leftBy: (key) => this.derived.forgotten().findLast((entry) => entry.key === key)?.write ?? null,
    })
  }

  statistics(): CacheStatistics {
    return this.#statistics.snapshot(this.status(), this.auditor !== undefined)
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

  /** Drops what this process remembers of what is named, beside the entries of the store. */
  forgetNamed(isNamed: (text: string) => boolean): void {
    for (const warning of this.#warned) if (isNamed(warning)) this.#warned.delete(warning)
    this.monitor.forget(isNamed)
    this.derived.forget(isNamed)
    this.auditor?.forget(isNamed)
    this.context.recentAnswers.clear()
    this.context.sentBodies.clear()
    this.context.wholeAnswers.clear()
    this.#frontLane?.forget()
    // What the store refuses expires.
    void this.store.forgetLearned?.(isNamed).catch(() => {})
  }

  /** Acts when the cache is closed, before anything else does. @returns A function that takes that back. */
  onClose(act: () => void): () => void {
    this.#closers.add(act)
    return () => {
      this.#closers.delete(act)
    }
  }

  async close(): Promise<void> {
    for (const act of this.#closers) act()
    this.#leaveNeighbours?.()
    this.#forget()
    this.auditor?.close()
    this.derived.close()
    this.monitor.close()
    this.monitoring.close()
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
