import { CacheError } from '../errors.js'
import type { Rule } from '../rules/rule.js'
import { rulesOfMiddleware } from './middleware.js'

/** What Express keeps of a route or a mounted router; the same in versions 4 and 5. */
interface Layer {
  readonly route?: {
    readonly path: unknown
    readonly stack: readonly Layer[]
    readonly methods: Record<string, boolean>
  }
  readonly handle?: { readonly stack?: readonly Layer[]; readonly mergeParams?: boolean }
}

/** A route as rules see it. */
export interface RouteFacts {
  /** As people know it: `GET /customers/:id`. */
  readonly name: string
  readonly methods: readonly string[]
  /** Names that `{name}` can stand for; `null` where a parent router's parameters may come in. */
  readonly names: ReadonlySet<string> | null
}

/**
 * Walks the routes of an application and checks each rule against the route it is mounted on.
 *
 * @throws CacheError `E_CACHE_SOURCE` for a `{name}` that the route's path does not declare,
 *   `E_CACHE_METHOD` for a rule on a route whose method it never answers.
 */
export function verifyRoutes(app: object): void {
  const known = app as { readonly router?: Layer['handle']; readonly _router?: Layer['handle'] }
  // Express 4's `app.router` is a getter that throws, so its own field is asked first.
  for (const layer of (known._router ?? known.router)?.stack ?? []) verifyLayer(layer, false)
}

/** Checks one rule against one route. @throws CacheError, see `verifyRoutes`. */
export function verifyRuleOnRoute(rule: Rule, route: RouteFacts): void {
  const templates = rule.kind === 'evict' ? rule.patterns : [rule.template]
  for (const { text, placeholders } of templates) {
    const stranger = placeholders.find(
      ({ source, path }) => source === 'bare' && !route.names?.has(path[0] as string),
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

/** The parameter names in a path of Express 4 or 5: `:id`, `:id(\\d+)`, `*splat`, `:"quoted name"`. */
export function parameterNames(path: string): Set<string> {
  const names = [...path.matchAll(/[:*](?:"([^"]+)"|([\p{ID_Start}$_][\p{ID_Continue}$]*))/gu)]
  return new Set(names.map(([, quoted, plain]) => (quoted ?? plain) as string))
}

function verifyLayer(layer: Layer, isMerged: boolean): void {
  const { route, handle } = layer
  if (route) {
    const paths = [route.path].flat()
    const methods = Object.keys(route.methods).map((method) => method.toUpperCase())
    const isKnown = !isMerged && paths.every((path) => typeof path === 'string')
    const facts: RouteFacts = {
      name: `${methods.join(', ')} ${paths.map(String).join(', ')}`,
      methods: methods.includes('_ALL') ? ['GET', 'POST'] : methods,
      names: isKnown ? new Set(paths.flatMap((path) => [...parameterNames(path as string)])) : null,
    }
    const rules = route.stack.flatMap(({ handle: middleware }) =>
      middleware ? rulesOfMiddleware(middleware) : [],
    )
    for (const rule of rules) verifyRuleOnRoute(rule, facts)
  }
  // A router's own layers; one that merges parameters may know names of paths above it.
  for (const inner of handle?.stack ?? []) verifyLayer(inner, isMerged || Boolean(handle?.mergeParams))
}
