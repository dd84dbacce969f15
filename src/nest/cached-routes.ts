import type { ExecutionContext } from '@nestjs/common'
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core'
import type { CacheParts } from '../cache-parts.js'
import { methodNamesOf } from '../decorators/metadata.js'
import { type MethodRules, readMethod } from '../decorators/read-controller.js'
import { lookAfter } from '../decorators/unread-methods.js'
import { CacheError } from '../errors.js'
import type { MiddlewareContext } from '../express/context.js'
import { noteFrameworkRules } from '../express/framework-routes.js'
import { type RouteFacts, verifyRuleOnRoute } from '../express/verify-routes.js'
import type { CacheableRule } from '../rules/rule.js'
import { type CachedRoute, cachedRoute } from './cached-route.js'
import { isController, type NestRoute, nestRouteOf } from './nest-metadata.js'
import { asWritten, putBehindCache } from './put-behind-cache.js'
import { routeFactsOf } from './route-facts.js'
import { RouteVersions } from './route-versions.js'
import { valuesOfQuestion } from './values-of-question.js'
import { refusePublic, warningsOfWho } from './who-is-let-in.js'

/** A controller of an application, and the module that it is in. */
export interface Controller {
  readonly classType: object
  readonly module: object | undefined
}

/** What an application has in common for all its controllers. */
export interface Application {
  readonly config: ApplicationConfig
  readonly modules: ModulesContainer
}

/** The routes of one application of Nest that have rules. */
export class CachedRoutes {
  readonly #parts: CacheParts
  readonly #versions = new RouteVersions()
  /** By class, as a method that it inherits has other rules there; then by the function that Nest calls. */
  readonly #routes = new Map<unknown, Map<unknown, CachedRoute>>()

  constructor(parts: CacheParts) {
    this.#parts = parts
    lookAfter(isController)
  }

  get context(): MiddlewareContext {
    return this.#parts.context
  }

  /** The route that a request is on, if it has rules. */
  of(context: ExecutionContext): CachedRoute | undefined {
    return this.#routes.get(context.getClass())?.get(context.getHandler())
  }

  /**
   * Puts the methods of controllers behind the cache that have rules. Before Nest makes routes of them.
   *
   * @throws CacheError naming class and method, for any mistake in a decorator.
   */
  add(controllers: Iterable<Controller>, application: Application): void {
    for (const { classType, module } of controllers) {
      // A controller may be in several modules.
      if (this.#routes.has(classType)) continue
      this.#routes.set(classType, new Map())
      for (const name of methodNamesOf(classType)) {
        const read = readMethod(classType, name, this.#parts.options.defaultTtl)
        if (read.rules.length > 0) this.#addMethod({ classType, module }, name, read, application)
      }
    }
  }

  #addMethod(
    { classType, module }: Controller,
    name: string,
    { rules, events }: MethodRules,
    application: Application,
  ): void {
    const route = nestRouteOf(classType, name)
    const where = rules[0]?.where
    if (!route) {
      if (events.length === 0) {
        this.#parts.warn(
          `${where} is no route of Nest, so its decorators do nothing. Put @Get(), @Post() or the like on it, or take them away.`,
        )
      }
      return
    }
    const facts = routeFactsOf(route, { ...application, module })
    for (const rule of rules) {
      refuseSse(rule.where, route)
      verifyRuleOnRoute(rule, facts)
      if (rule.kind === 'cacheable') {
        this.#verifyRead(rule, { classType, name, route, facts }, application)
      }
    }
    this.#parts.register(rules, classType)
    noteFrameworkRules({
      rules,
      valuesOf: (req, user, unknown) =>
        valuesOfQuestion(route, application.config.getGlobalPipes(), req, user, unknown),
    })
    putBehindCache(classType, name)
    const handler: unknown = Reflect.get(Reflect.get(classType, 'prototype'), name)
    this.#routes.get(classType)?.set(handler, cachedRoute(rules, route.args))
  }

  #verifyRead(
    rule: CacheableRule,
    {
      classType,
      name,
      route,
      facts,
    }: { classType: object; name: string; route: NestRoute; facts: RouteFacts },
    { config }: Application,
  ): void {
    refusePublic(rule, route)
    this.#versions.claim(rule, route.versions)
    const method = asWritten(Reflect.get(Reflect.get(classType, 'prototype'), name))
    const everywhere = config.getGlobalInterceptors()
    const warnings = [
      ...warningsOfWho(rule, method, route, everywhere, facts.name),
      ...statusWarning(rule, route, facts.name),
    ]
    for (const warning of warnings) this.#parts.warn(warning)
  }
}

function refuseSse(where: string, { isSse }: NestRoute): void {
  if (!isSse) return
  throw new CacheError('E_CACHE_RULE_CONFLICT', {
    where,
    problem:
      'a decorator of the cache stands on @Sse, whose answer goes on for as long as its client listens',
    mend: 'Take one of them away; the values that it sends can be cached by cache.wrap().',
  })
}

/** Nest answers a POST with 201, which is no answer that a cache keeps unless it is told to. */
function statusWarning(rule: CacheableRule, { method, httpCode }: NestRoute, routeName: string): string[] {
  if (method !== 'POST' || httpCode !== undefined || rule.statuses.has(201)) return []
  return [
    `${rule.where} on ${routeName} answers 201, as Nest does for a POST, and the cache stores 200 alone. Add @HttpCode(200).`,
  ]
}
