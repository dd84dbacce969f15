import type { Application, Request, Response } from 'express'
import { type Action, ActionMetadata, ExpressDriver } from 'routing-controllers'
import type { Cache } from '../cache.js'
import { type CacheParts, partsOf } from '../cache-parts.js'
import { readMethod } from '../decorators/read-controller.js'
import { ambiguousNames } from '../express/bound-names.js'
import { noteFrameworkRoute } from '../express/framework-routes.js'
import { parameterNames } from '../express/parameter-names.js'
import { withinLoad } from '../express/read/load-of-request.js'
import { readThrough } from '../express/read/read-through.js'
import { pathValue, type RequestValues } from '../express/request-values.js'
import { leaveRoute } from '../express/route-visit.js'
import { wantUser } from '../express/signed-in.js'
import { userWarning } from '../express/user-warning.js'
import { layersOf, type RouteFacts, verifyRuleOnRoute } from '../express/verify-routes.js'
import { writeThrough } from '../express/write/write-through.js'
import type { PlaceholderSource } from '../keys/template.js'
import type { CacheableRule, Rule, WriteRule } from '../rules/rule.js'
import { setMethod } from '../tools/set-method.js'
import { failureWarning } from './failure-warning.js'
import { valuesOfQuestion } from './values-of-question.js'
import { refusePublic, warningsOfInterceptors } from './who-is-let-in.js'

/** Kinds of arguments that are bound under a name of the request's, and the source by which a key can name each. */
const NAMED_PARAMS: ReadonlyMap<string, PlaceholderSource | undefined> = new Map([
  ['param', 'params'],
  ['query', 'query'],
  ['header', 'headers'],
  ['cookie', 'cookies'],
  ['body-param', 'body'],
  ['session-param', undefined],
] as const)

/**
 * routing-controllers' Express driver, with the cache between an action's arguments and its method. By then
 * routing-controllers has authorized the request, and has parsed and validated its arguments, so only those whom the
 * route lets in get a hit.
 */
export class CachingExpressDriver extends ExpressDriver {
  readonly #parts: CacheParts
  readonly #interceptors: readonly unknown[]

  /** @param interceptors - Those that run for all routes. */
  constructor(app: Application, cache: Cache, interceptors: readonly unknown[]) {
    super(app)
    this.#parts = partsOf(cache)
    this.#interceptors = interceptors
  }

  override registerAction(action: ActionMetadata, execute: (options: Action) => unknown): void {
    const { rules } = readMethod(
      action.controllerMetadata.target,
      action.method,
      this.#parts.options.defaultTtl,
    )
    this.#parts.applications.add(this.app)
    if (rules.length > 0) {
      const facts = routeFactsOf(action, this.routePrefix)
      for (const rule of rules) verifyRuleOnRoute(rule, facts)
      for (const rule of rules) {
        const warnings =
          rule.kind === 'cacheable'
            ? this.#warningsOfWho(rule, action, facts)
            : failureWarning(rule, action, facts.name)
        for (const warning of warnings) this.#parts.warn(warning)
      }
      this.#parts.register(rules, action.controllerMetadata.target)
      this.#putBeforeMethod(action, rules)
    }
    super.registerAction(action, execute)
    const route = layersOf(this.app).at(-1)?.route
    if (route && rules.length > 0) {
      noteFrameworkRoute(route, {
        rules,
        valuesOf: (req, user, unknown) => valuesOfQuestion(action, req, user, unknown),
      })
    }
  }

  /** Who may have the answer, and whether the key tells whose it is. @throws CacheError, see `refusePublic`. */
  #warningsOfWho(rule: CacheableRule, action: ActionMetadata, { name }: RouteFacts): string[] {
    refusePublic(rule, action)
    const asksUser = action.params.some(({ type }) => type === 'current-user')
    const method: unknown = action.controllerMetadata.target.prototype[action.method]
    return [
      ...userWarning(rule, method, name, asksUser),
      ...warningsOfInterceptors(rule, action, this.#interceptors, name),
    ]
  }

  #putBeforeMethod(action: ActionMetadata, rules: readonly Rule[]): void {
    const callMethod: NonNullable<ActionMetadata['methodOverride']> =
      action.methodOverride ?? ((metadata, options, args) => metadata.callMethod(args, options))
    const read = rules.find((rule) => rule.kind === 'cacheable')
    const writes = rules.filter((rule): rule is WriteRule => rule.kind !== 'cacheable')
    const context = this.#parts.context
    const known = { rules, isBareOfUrl: action.params.every(isOfUrl) }

    const callBehindCache: typeof callMethod = async (metadata, options, args) => {
      const req: Request = options.request
      const res: Response = options.response
      const values = await this.#valuesOf(metadata, options, args, known)
      const write = writes.length > 0 ? await writeThrough(writes, context, req, res, values) : undefined
      const isAnswered = read !== undefined && (await readThrough(read, context, req, res, values))
      if (!isAnswered) {
        tellLeaving(req, options)
        try {
          // Within, since Prisma's promises do nothing before somebody waits for them.
          const call = () =>
            withinLoad(req, context.loads, async () => await callMethod(metadata, options, args))
          return await (write ? write.run(call) : call())
        } catch (error) {
          write?.failed()
          throw error
        } finally {
          write?.handlerDone()
        }
      }
      // What comes after an answered action, as after any other.
      options.next?.()
      // The answer has been sent, and interceptors must not be given one to change. No one else waits for
      // this promise, so it is collected with the request.
      return new Promise(() => {})
    }
    action.methodOverride = callBehindCache
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
    const isGiven = userParam !== undefined && !this.#parts.context.userOf
    const user = isGiven ? argumentOf.get(userParam) : await this.#currentUser(action, rules)
    return {
      isBareOfUrl,
      bare: (name) => (bound.has(name) ? bound.get(name) : pathValue(action.request, name)),
      user,
      route: action.request.route,
    }
  }

  /** Asked only if a rule wants to know. */
  async #currentUser(action: Action, rules: readonly Rule[]): Promise<unknown> {
    if (!wantUser(rules)) return undefined
    const { userOf } = this.#parts.context
    if (userOf) return userOf(action.request)
    return this.currentUserChecker ? this.currentUserChecker(action) : action.request.user
  }
}

/** What answers behind an action that goes on without an answer is none of the action's answers. */
function tellLeaving(req: Request, options: Action): void {
  const { next } = options
  setMethod(options, 'next', (error?: unknown) => {
    leaveRoute(req, error)
    next?.(error)
  })
}

/** Whether an argument, if a key may name it, is a part of the URL. */
function isOfUrl({ type, name }: ActionMetadata['params'][number]): boolean {
  return type === 'param' || type === 'query' || !NAMED_PARAMS.has(type) || !name
}

function routeFactsOf(action: ActionMetadata, routePrefix: string): RouteFacts {
  const route = ActionMetadata.appendBaseRoute(routePrefix, action.fullRoute)
  const method = action.type.toUpperCase()
  const ofPath = typeof route === 'string' ? [...parameterNames(route)] : []
  const bound = action.params.flatMap(({ type, name }) =>
    NAMED_PARAMS.has(type) && name ? [{ kind: type, name, source: NAMED_PARAMS.get(type) }] : [],
  )
  const params = ofPath.map((name) => ({ kind: 'param', name, source: 'params' as const }))
  return {
    name: `${method} ${String(route)}`,
    methods: method === 'ALL' ? ['GET', 'POST'] : [method],
    names: typeof route === 'string' ? new Set([...bound.map(({ name }) => name), ...ofPath]) : null,
    ambiguous: ambiguousNames([...params, ...bound]),
  }
}
