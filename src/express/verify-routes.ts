import { CacheError } from '../errors.js'
import { isRequestFact } from '../keys/request-facts.js'
import { type Rule, templatesOf } from '../rules/rule.js'
import { noteRoute } from '../rules/rule-routes.js'
import { methodBehind } from './handlers.js'
import { rulesOfMiddleware } from './middleware.js'
import { mountedWarning, verifyMounted } from './mounted.js'
import { parameterNames } from './parameter-names.js'
import { userWarning } from './user-warning.js'

/** What Express keeps of a route or a mounted router; the same in versions 4 and 5. */
interface Route {
  readonly path: unknown
  readonly stack: readonly Layer[]
  readonly methods: Record<string, boolean>
}

export interface Layer {
  readonly route?: Route
  /** Inside a route: the method that it is for; none for all. */
  readonly method?: string | undefined
  readonly handle?: Handle
}

/** What a layer runs: a function, or a router, which is one with layers of its own. */
export interface Handle {
  readonly name?: string
  /** How many arguments it takes. */
  readonly length?: number
  readonly stack?: readonly Layer[]
  readonly mergeParams?: boolean
}

/** A route as rules see it. */
export interface RouteFacts {
  /** As people know it: `GET /customers/:id`. */
  readonly name: string
  readonly methods: readonly string[]
  /** Names that `{name}` can stand for; `null` where a parent router's parameters may come in. */
  readonly names: ReadonlySet<string> | null
  /** Names that come from several places of the request, each with those as a key names them: `{params.id}`. */
  readonly ambiguous?: ReadonlyMap<string, readonly string[]>
}

/**
 * Walks the routes of an application and checks each rule against the route it is mounted on.
 *
 * @returns Warnings: what looks wrong and may be meant.
 * @throws CacheError `E_CACHE_SOURCE` for a `{name}` that the route's path does not declare,
 *   `E_CACHE_METHOD` for a rule on a route whose method it never answers, `E_CACHE_MOUNT` for a lookup that `use` has
 *   put in front of many routes with a key that does not tell their URLs apart.
 */
export function verifyRoutes(app: object): string[] {
  return verifyStack(layersOf(app), false)
}

/** What an application runs, in its order. */
export function layersOf(app: object): readonly Layer[] {
  const known = app as { readonly router?: Handle; readonly _router?: Handle }
  // Express 4's `app.router` is a getter that throws, so its own field is asked first.
  return (known._router ?? known.router)?.stack ?? []
}

/** Where an application is mounted in others, all in all; empty for one that is in none. */
export function pathOfApplication(app: object): string {
  const path: unknown = Reflect.get(app, 'path')
  const found: unknown = typeof path === 'function' ? Reflect.apply(path, app, []) : ''
  return typeof found === 'string' ? found : ''
}

/** Checks one rule against one route, and remembers that. @throws CacheError, see `verifyRoutes`. */
export function verifyRuleOnRoute(rule: Rule, route: RouteFacts): void {
  noteRoute(rule, route.name)
  for (const { text, placeholders } of templatesOf(rule)) {
    for (const { source, path, text: placeholder } of placeholders) {
      const sources = source === 'bare' && route.ambiguous?.get(path[0] as string)
      if (!sources) continue
      throw new CacheError('E_CACHE_SOURCE', {
        where: rule.where,
        problem: `${placeholder} in '${text}' may be any of several values that ${route.name} takes under that name`,
        mend: `Say which one it is: ${sources.join(' or ')}.`,
      })
    }
    const wholeUser = placeholders.find(({ source, path }) => source === 'user' && path.length === 0)
    if (wholeUser && route.names?.has('user')) throw ambiguousUser(rule, text, route)
    const stranger = placeholders.find(
      ({ source, path }) =>
        source === 'bare' && !isRequestFact(path[0]) && !route.names?.has(path[0] as string),
    )
    if (stranger && route.names) {
      const known = [...route.names].map((name) => `{${name}}`)
      const name = stranger.path[0]
      throw new CacheError('E_CACHE_SOURCE', {
        where: rule.where,
        problem: `${stranger.text} in '${text}' is no parameter of ${route.name}`,
        mend: `${known.length > 0 ? `It has ${known.join(', ')}. ` : ''}Name another source, such as {query.${name}}.`,
      })
    }
  }
  if (rule.kind !== 'cacheable' || route.methods.some((method) => rule.methods.has(method))) return
  throw new CacheError('E_CACHE_METHOD', {
    where: rule.where,
    problem: `the key '${rule.key}' is looked up for ${[...rule.methods].join(' and ')}, but the route is ${route.name}`,
    mend: rule.methods.has('GET')
      ? 'Use @CachePut or @CacheEvict on a write; a POST that only reads is cached if its key names {body.…}.'
      : 'Take {body.…} out of the key, and name {query.…} instead.',
  })
}

/** Who is signed in, and a parameter of the route, are two things under one name. */
function ambiguousUser(rule: Rule, text: string, { name }: RouteFacts): CacheError {
  return new CacheError('E_CACHE_SOURCE', {
    where: rule.where,
    problem: `{user} in '${text}' is who is signed in, and ${name} takes a value under that name`,
    mend: 'Say which one it is: {params.user}; or rename what the route takes.',
  })
}

function verifyStack(stack: readonly Layer[], isMerged: boolean): string[] {
  return stack.flatMap((layer, index) => verifyLayer(layer, isMerged, stack.slice(index + 1)))
}

function verifyLayer({ route, handle }: Layer, isMerged: boolean, later: readonly Layer[]): string[] {
  if (route) {
    const facts = factsOf(route, isMerged)
    const rules = route.stack.flatMap(({ handle: middleware }) =>
      middleware ? rulesOfMiddleware(middleware) : [],
    )
    for (const rule of rules) verifyRuleOnRoute(rule, facts)
    return warningsOf(route.stack, facts)
  }
  const mounted = (handle ? rulesOfMiddleware(handle) : []).flatMap((rule) => {
    if (rule.kind !== 'cacheable') return []
    verifyMounted(rule)
    return [mountedWarning(rule, later.flatMap(namesIn))]
  })
  // A router's own layers; one that merges parameters may know names of paths above it.
  return [...mounted, ...verifyStack(handle?.stack ?? [], isMerged || Boolean(handle?.mergeParams))]
}

/** What people know a layer by: its routes, or the name of its function. */
function namesIn({ route, handle }: Layer): string[] {
  if (route) return [factsOf(route, false).name]
  if (handle?.stack) return handle.stack.flatMap(namesIn)
  // What takes errors does not decide who may have an answer.
  return handle?.length === 4 ? [] : [handle?.name || 'a function without a name']
}

/** A route as people know it: `GET /customers/:id`. */
export function nameOfRoute({ path, methods }: Route): string {
  return `${namesOfMethods(methods).join(', ')} ${[path].flat().map(String).join(', ')}`
}

function namesOfMethods(methods: Route['methods']): string[] {
  return Object.keys(methods).map((method) => method.toUpperCase())
}

function factsOf(route: Route, isMerged: boolean): RouteFacts {
  const paths = [route.path].flat()
  const names = namesOfMethods(route.methods)
  const texts = paths.filter((one) => typeof one === 'string')
  const isKnown = !isMerged && texts.length === paths.length
  return {
    name: nameOfRoute(route),
    methods: names.includes('_ALL') ? ['GET', 'POST'] : names,
    names: isKnown ? new Set(texts.flatMap((text) => [...parameterNames(text)])) : null,
  }
}

/** What stands behind the lookup does not run for a hit, and if it decides who may pass, a hit passes everyone. */
function warningsOf(stack: readonly Layer[], { name }: RouteFacts): string[] {
  return stack.flatMap(({ handle: middleware, method }, index) => {
    const read = middleware && rulesOfMiddleware(middleware).find((rule) => rule.kind === 'cacheable')
    if (!read) return []
    const handlers = handlersFor(method, stack.slice(index + 1))
    const isForAnyone = read.visibility === 'public'
    const behind = handlers
      .slice(0, -1)
      .filter((later) => !isForAnyone && rulesOfMiddleware(later).length === 0)
    const names = behind.map((later) => later.name || 'a function without a name')
    return [
      ...(names.length > 0
        ? [
            `${read.where} on ${name}: ${names.join(', ')} stands behind the cache and does not run for a hit. Authorization belongs before it.`,
          ]
        : []),
      ...userWarning(read, methodBehind(handlers.at(-1) ?? {}), name),
    ]
  })
}

/** What runs for requests of a method and no error: other methods of the route have layers in between. */
function handlersFor(method: string | undefined, layers: readonly Layer[]): Handle[] {
  return layers
    .filter((layer) => method === undefined || layer.method === undefined || layer.method === method)
    .flatMap(({ handle }) => (handle && handle.length !== 4 ? [handle] : []))
}
