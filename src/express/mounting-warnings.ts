import { nameOfDecorated } from '../decorators/metadata.js'
import { rulesOfMiddleware } from './middleware.js'
import { type Handle, type Layer, layersOf, nameOfRoute } from './verify-routes.js'

/** A method with rules whose controller was given to `cache.handlers()`. */
export interface DecoratedMethod {
  /** Class and method. */
  readonly where: string
  readonly method: unknown
}

interface Mounted {
  readonly handle: Handle
  readonly routeName: string
}

/** Warns of decorated methods that stand on no route, and of those that a route runs past their rules. */
export function mountingWarnings(app: object, methods: readonly DecoratedMethod[]): string[] {
  const mounted = layersOf(app).flatMap((layer) => mountedBy(layer))
  const past = new Map<string, string>()
  for (const { handle, routeName } of mounted) {
    const where = methods.find(({ method }) => method === handle)?.where ?? nameOfDecorated(handle)
    if (where !== undefined) past.set(where, routeName)
  }
  // A controller may have been given to cache.handlers() for each of its routes anew.
  const active = new Set(mounted.flatMap(({ handle }) => rulesOfMiddleware(handle).map(({ where }) => where)))
  const unmounted = mounted.some(isOtherApplication)
    ? []
    : methods.filter(({ where }) => !past.has(where) && !active.has(where))
  return [
    ...[...past].map(
      ([where, routeName]) =>
        `${where} on ${routeName} is mounted past cache.handlers(), so its decorators do nothing there. Mount what cache.handlers() gives under its name.`,
    ),
    ...unmounted.map(
      ({ where }) =>
        `${where} stands on no route that cache.ready(app) can see, so its decorators do nothing. Mount what cache.handlers() gives under its name, or take them away.`,
    ),
  ]
}

/** Express hides the routes of an application that is mounted in another. */
function isOtherApplication({ handle }: Mounted): boolean {
  return handle.name === 'mounted_app'
}

function mountedBy({ route, handle }: Layer, outer = 'app.use()'): Mounted[] {
  if (route) {
    const routeName = nameOfRoute(route)
    return route.stack.flatMap((layer) => mountedBy(layer, routeName))
  }
  if (!handle) return []
  return [{ handle, routeName: outer }, ...(handle.stack ?? []).flatMap((inner) => mountedBy(inner))]
}
