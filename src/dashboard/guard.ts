import type { Request } from 'express'
import { rulesOfMiddleware } from '../express/middleware.js'
import { type Layer, layersOf, pathOfApplication } from '../express/verify-routes.js'
import type { ResolvedDashboardOptions } from './dashboard-options.js'
import { Refusal } from './refusal.js'

/** Middleware that everybody has, and that lets everybody in. */
const LETS_ALL_IN = new Set([
  ...['query', 'expressInit', 'jsonParser', 'urlencodedParser', 'textParser', 'rawParser', 'bodyParser'],
  ...['cookieParser', 'compression', 'corsMiddleware', 'helmetMiddleware', 'logger', 'responseTime'],
  ...['session', '_cookieSession', 'serveStatic', 'initialize', 'multerMiddleware', 'router'],
])

const MEND = `Mount it behind what decides who may see it: app.use('/admin/cache', requireAdmin, cacheDashboard(cache)). Or give it { authorize: (req) => … }; or, where a proxy or middleware of the whole application decides, { guardedElsewhere: true }.`

/** Nothing is seen to decide who may see the dashboard. */
export class Unguarded extends Refusal {
  constructor() {
    super(403, 'nothing in front of the dashboard decides who may see it', MEND)
  }
}

/**
 * Refuses whoever may not see the dashboard; and in production everybody, where nothing is seen to decide that.
 *
 * @param own - The dashboard's handler, by which its place in the application is found.
 * @throws Refusal
 */
export async function guard(
  { authorize, guardedElsewhere }: ResolvedDashboardOptions,
  own: object,
  req: Request,
): Promise<void> {
  if (authorize) {
    if (await isAllowed(authorize, req)) return
    throw new Refusal(403, 'you may not see this cache', 'Ask whoever runs the application.')
  }
  if (guardedElsewhere || process.env.NODE_ENV !== 'production') return
  if (isBehindGuard(req, own)) return
  throw new Unguarded()
}

async function isAllowed(
  authorize: NonNullable<ResolvedDashboardOptions['authorize']>,
  req: Request,
): Promise<boolean> {
  try {
    return (await authorize(req)) === true
  } catch {
    return false
  }
}

function isBehindGuard({ app, baseUrl }: Request, own: object): boolean {
  if (!app) return false
  // An application that is mounted in another knows its own part of the path alone.
  const path = baseUrl.slice(pathOfApplication(app).length)
  return guardsIn(layersOf(app), own, path, true) === true
}

/**
 * Whether middleware that may be a guard stands in front of the dashboard: in the application itself for the same path, as
 * `use(path, guard, dashboard)` has it; in a router, which is made to share what stands in it, for any path.
 *
 * @returns Undefined where the dashboard is not among these layers.
 */
function guardsIn(
  layers: readonly Layer[],
  own: object,
  path: string,
  isApplication: boolean,
): boolean | undefined {
  for (const [at, layer] of layers.entries()) {
    const { handle } = layer
    const before = layers.slice(0, at)
    const removed = removedBy(layer, path)
    if (removed === undefined) continue
    const isNear = (one: Layer) => !isApplication || (removed !== '' && removedBy(one, path) === removed)
    const isGuarded = () => before.some((one) => mayGuard(one) && isNear(one))
    if (handle === own) return isGuarded()
    if (!handle?.stack) continue
    const inside = guardsIn(handle.stack, own, path.slice(removed.length), false)
    if (inside !== undefined) return inside || isGuarded()
  }
  return undefined
}

function mayGuard({ handle, route }: Layer): boolean {
  if (route || !handle || handle.stack || handle.length === 4) return false
  return !LETS_ALL_IN.has(handle.name ?? '') && rulesOfMiddleware(handle).length === 0
}

/** What a layer takes off a path; undefined if it is for another. */
function removedBy(layer: Layer, path: string): string | undefined {
  const { match } = layer as { match?: (path: string) => unknown }
  const matched = match?.call(layer, path === '' ? '/' : path)
  if (!matched) return undefined
  const taken: unknown = Reflect.get(typeof matched === 'object' ? matched : layer, 'path')
  return typeof taken === 'string' ? taken.replace(/\/$/, '') : ''
}
