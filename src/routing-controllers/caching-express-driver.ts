import type { Application, Request, Response } from 'express'
import { type Action, ActionMetadata, ExpressDriver } from 'routing-controllers'
import type { Cache } from '../cache.js'
import { type CacheParts, partsOf } from '../cache-parts.js'
import { readMethod } from '../decorators/read-controller.js'
import { readThrough } from '../express/read/read-through.js'
import { pathParameter, type RequestValues } from '../express/request-values.js'
import { parameterNames, type RouteFacts, userWarning, verifyRuleOnRoute } from '../express/verify-routes.js'
import { writeThrough } from '../express/write/write-through.js'
import { takesFrom } from '../keys/template.js'
import { type Rule, templatesOf, type WriteRule } from '../rules/rule.js'

/** Kinds of arguments that are bound under a name of the request's. */
const NAMED_PARAMS: ReadonlySet<string> = new Set([
  'param',
  'query',
  'header',
  'cookie',
  'body-param',
  'session-param',
])

/**
 * routing-controllers' Express driver, with the cache between an action's arguments and its method. By then
 * routing-controllers has authorized the request, and has parsed and validated its arguments, so only those whom the
 * route lets in get a hit.
 */
export class CachingExpressDriver extends ExpressDriver {
  readonly #parts: CacheParts

  constructor(app: Application, cache: Cache) {
    super(app)
    this.#parts = partsOf(cache)
  }

  override registerAction(action: ActionMetadata, execute: (options: Action) => unknown): void {
    const { rules } = readMethod(
      action.controllerMetadata.target,
      action.method,
      this.#parts.options.defaultTtl,
    )
    if (rules.length > 0) {
      const facts = routeFactsOf(action, this.routePrefix)
      for (const rule of rules) verifyRuleOnRoute(rule, facts)
      for (const warning of warningsOf(action, rules, facts)) this.#parts.warn(warning)
      this.#parts.register(rules)
      this.#putBeforeMethod(action, rules)
    }
    super.registerAction(action, execute)
  }

  #putBeforeMethod(action: ActionMetadata, rules: readonly Rule[]): void {
    const callMethod: NonNullable<ActionMetadata['methodOverride']> =
      action.methodOverride ?? ((metadata, options, args) => metadata.callMethod(args, options))
    const read = rules.find((rule) => rule.kind === 'cacheable')
    const writes = rules.filter((rule): rule is WriteRule => rule.kind !== 'cacheable')
    const context = this.#parts.context
    const known = { rules, isBareOfUrl: action.params.every(isOfUrl) }

    action.methodOverride = async (metadata, options, args) => {
      const req: Request = options.request
      const res: Response = options.response
      const values = await this.#valuesOf(metadata, options, args, known)
      if (writes.length > 0) await writeThrough(writes, context, req, res, values)
      const isAnswered = read !== undefined && (await readThrough(read, context, req, res, values))
      if (!isAnswered) return callMethod(metadata, options, args)
      // What comes after an answered action, as after any other.
      options.next?.()
      // The answer has been sent, and interceptors must not be given one to change. No one else waits for
      // this promise, so it is collected with the request.
      return new Promise(() => {})
    }
  }

  async #valuesOf(
    { params }: ActionMetadata,
    action: Action,
    args: readonly unknown[],
    { rules, isBareOfUrl }: { readonly rules: readonly Rule[]; readonly isBareOfUrl: boolean },
  ): Promise<RequestValues> {
    // Arguments come in the order of the parameters, after any that an extension put in front.
    const argumentOf = new Map(
      params.map((param, index) => [param, args[args.length - params.length + index]]),
    )
    const bound = new Map<string, unknown>()
    for (const [param, argument] of argumentOf) {
      if (NAMED_PARAMS.has(param.type) && param.name) bound.set(param.name, argument)
    }
    const userParam = params.find(({ type }) => type === 'current-user')
    const user = userParam ? argumentOf.get(userParam) : await this.#currentUser(action, rules)
    return {
      isBareOfUrl,
      bare: (name) => (bound.has(name) ? bound.get(name) : pathParameter(action.request, [name])),
      user,
    }
  }

  /** Asked only if a rule wants to know. */
  async #currentUser(action: Action, rules: readonly Rule[]): Promise<unknown> {
    const isWanted = rules.flatMap(templatesOf).some((template) => takesFrom(template, 'user'))
    if (!isWanted) return undefined
    return this.currentUserChecker ? this.currentUserChecker(action) : action.request.user
  }
}

/** Whether an argument, if a key may name it, is a part of the URL. */
function isOfUrl({ type, name }: ActionMetadata['params'][number]): boolean {
  return type === 'param' || type === 'query' || !NAMED_PARAMS.has(type) || !name
}

/** `@CurrentUser` on a method whose key does not name the user. */
function warningsOf(action: ActionMetadata, rules: readonly Rule[], { name }: RouteFacts): string[] {
  const asksUser = action.params.some(({ type }) => type === 'current-user')
  const method: unknown = action.controllerMetadata.target.prototype[action.method]
  return rules.flatMap((rule) => (rule.kind === 'cacheable' ? userWarning(rule, method, name, asksUser) : []))
}

function routeFactsOf(action: ActionMetadata, routePrefix: string): RouteFacts {
  const route = ActionMetadata.appendBaseRoute(routePrefix, action.fullRoute)
  const method = action.type.toUpperCase()
  const bound = action.params.filter(({ type }) => NAMED_PARAMS.has(type)).map(({ name }) => name)
  return {
    name: `${method} ${String(route)}`,
    methods: method === 'ALL' ? ['GET', 'POST'] : [method],
    names: typeof route === 'string' ? new Set([...bound, ...parameterNames(route)]) : null,
  }
}
