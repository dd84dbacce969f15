import { type FrameworkRoute, frameworkRouteOf } from '../../express/framework-routes.js'
import { rulesOfMiddleware } from '../../express/middleware.js'
import { type Layer, layersOf, nameOfRoute, pathOfApplication } from '../../express/verify-routes.js'
import type { Rule } from '../../rules/rule.js'

/** Where a request would come by. */
export interface RouteFound {
  /** As people know it; `null` for what `use` has mounted in front of many. */
  readonly name: string | null
  /** Express's own; none in front of many. */
  readonly route: object | undefined
  readonly rules: readonly Rule[]
  readonly framework: FrameworkRoute | undefined
  readonly params: Readonly<Record<string, unknown>>
  readonly baseUrl: string
  /** Path and query behind that. */
  readonly url: string
}

/** What Express tells of a layer that takes a path: it says so itself, or leaves it on the layer. */
interface MatchingLayer extends Layer {
  match?(path: string): boolean | Match
  readonly params?: Match['params']
  readonly path?: string
}

interface Match {
  readonly params: Readonly<Record<string, unknown>>
  readonly path: string
}

interface Place {
  readonly method: string
  readonly baseUrl: string
  readonly url: string
  readonly params: Match['params']
  readonly isMerging: boolean
}

/**
 * The routes of an application that take a request, in the order in which it would meet them, and the lookups in front of
 * them. Which paths a layer takes, Express says; no handler runs.
 */
export function routesFor(app: object, method: string, url: string): readonly RouteFound[] {
  const mounted = pathOfApplication(app)
  if (mounted !== '' && url !== mounted && !url.startsWith(`${mounted}/`) && !url.startsWith(`${mounted}?`)) {
    return []
  }
  const rest = url.slice(mounted.length)
  return walk(layersOf(app), {
    method: method.toLowerCase(),
    baseUrl: mounted,
    url: rest.startsWith('/') ? rest : `/${rest}`,
    params: {},
    isMerging: false,
  })
}

function walk(layers: readonly MatchingLayer[], place: Place): RouteFound[] {
  const path = pathOf(place.url)
  return layers.flatMap((layer) => {
    const match = matchOf(layer, path)
    if (!match) return []
    const params = place.isMerging ? { ...place.params, ...match.params } : match.params
    const { route, handle } = layer
    if (route) return takes(route, place.method) ? [foundOn(route, { ...place, params })] : []
    if (!handle) return []
    const inner = trimmed(place, match.path, path)
    if (!inner) return []
    if (handle.stack) {
      return walk(handle.stack, { ...inner, params, isMerging: Boolean(handle.mergeParams) })
    }
    const rules = rulesOfMiddleware(handle)
    if (rules.length === 0) return []
    const { baseUrl, url } = inner
    return [{ name: null, route: undefined, rules, framework: undefined, params, baseUrl, url }]
  })
}

function matchOf(layer: MatchingLayer, path: string): Match | undefined {
  let matched: boolean | Match | undefined
  try {
    matched = layer.match?.(path)
  } catch {
    // A path that cannot be decoded: Express answers 400.
    return undefined
  }
  if (!matched) return undefined
  if (typeof matched === 'object') return matched
  return { params: layer.params ?? {}, path: layer.path ?? '' }
}

/** Express sends HEAD to what takes GET. */
function takes({ methods }: NonNullable<Layer['route']>, method: string): boolean {
  return Boolean(methods._all || methods[method] || (method === 'head' && methods.get))
}

function foundOn(
  route: NonNullable<Layer['route']>,
  { method, baseUrl, url, params }: Omit<Place, 'isMerging'>,
): RouteFound {
  const framework = frameworkRouteOf(route)
  const own = route.stack.flatMap(({ handle, method: ofLayer }) => {
    const isForMethod =
      ofLayer === undefined || ofLayer === method || (method === 'head' && ofLayer === 'get')
    return handle && isForMethod ? rulesOfMiddleware(handle) : []
  })
  const rules = [...own, ...(framework?.rules ?? [])]
  return { name: nameOfRoute(route), route, rules, framework, params, baseUrl, url }
}

/** What is left of the URL behind what `use` was given; `undefined` where that is no whole segments. */
function trimmed(place: Place, removed: string, path: string): Place | undefined {
  if (removed === '') return place
  const next = path[removed.length]
  if (!path.startsWith(removed) || (next !== undefined && next !== '/' && next !== '.')) return undefined
  const rest = place.url.slice(removed.length)
  return {
    ...place,
    url: rest.startsWith('/') ? rest : `/${rest}`,
    baseUrl: place.baseUrl + removed.replace(/\/$/, ''),
  }
}

function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
