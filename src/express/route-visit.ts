import type { Request } from 'express'

/** What Express keeps of a route; the same in versions 4 and 5. */
export interface VisitedRoute {
  readonly stack: readonly VisitedLayer[]
}

interface VisitedLayer {
  /** None for all. */
  readonly method?: string | undefined
  handle: Handler
}

type Handler = (...args: unknown[]) => unknown

/** Told of what becomes of a request on its route. */
export interface RouteVisitor {
  /** It goes on to what stands behind the route, for which other rules hold. */
  left?(): void
  /** An error goes on to what stands behind the route. */
  failed?(): void
  /** A handler is done: its promise has settled, or it gave none. */
  handlerDone?(): void
}

interface Visit {
  readonly route: VisitedRoute
  readonly visitors: RouteVisitor[]
}

/** On the request itself: a `WeakMap` of many short-lived objects keeps the garbage collector busy. */
const VISIT = Symbol('visit of the route')

type Visiting = Request & { [VISIT]?: Visit | undefined }

const FOLLOWED = new WeakMap<Handler, Handler>()
const FOLLOWING_THEMSELVES = new WeakSet<object>()

/** Says that a middleware goes on by `nextOnRoute` alone. What is called in its place would cost each hit a part of it. */
export function followsItself(middleware: object): void {
  FOLLOWING_THEMSELVES.add(middleware)
}

/** The handler that an application has put on a route, behind what follows it. */
export function handlerBehind<Found>(handler: Found): Found {
  return (FOLLOWED.get(handler as Handler) as Found | undefined) ?? handler
}

/**
 * Tells of a request that is on a route, until it has left it.
 *
 * The handlers of the route are followed from the first such request on: what stands in their place is the same to
 * whoever looks, and nothing but their `next` and what they return is looked at.
 */
export function visitRoute(req: Request, route: VisitedRoute, visitor: RouteVisitor): void {
  for (const layer of route.stack) follow(route, layer)
  const visit = (req as Visiting)[VISIT]
  if (visit?.route === route) visit.visitors.push(visitor)
  else (req as Visiting)[VISIT] = { route, visitors: [visitor] }
}

/** The `next` of a middleware on a route, or of one that is on none. */
export function nextOnRoute(
  req: Request,
  route: VisitedRoute | undefined,
  middleware: unknown,
  next: (error?: unknown) => void,
): (error?: unknown) => void {
  if (!route) return next
  return (error) => {
    const at = route.stack.findIndex(({ handle }) => handle === middleware)
    // One that is called by another handler goes on to that.
    if (at !== -1) leaveIfLast(req, route, at, error)
    next(error)
  }
}

/** Says that a request leaves the route it is on. For who calls handlers without Express. */
export function leaveRoute(req: Request, error?: unknown): void {
  const visit = (req as Visiting)[VISIT]
  ;(req as Visiting)[VISIT] = undefined
  for (const visitor of visit?.visitors ?? []) {
    if (error) visitor.failed?.()
    else visitor.left?.()
  }
}

function follow(route: VisitedRoute, layer: VisitedLayer): void {
  const { handle } = layer
  if (FOLLOWED.has(handle) || FOLLOWING_THEMSELVES.has(handle)) return
  const followed = new Proxy(handle, {
    apply(target, self, args) {
      const isForErrors = target.length === 4
      const req = args[isForErrors ? 1 : 0] as Visiting | undefined
      const visit = req?.[VISIT]
      if (!req || visit?.route !== route) return Reflect.apply(target, self, args)
      const next = args[isForErrors ? 3 : 2] as Handler
      const followedNext: Handler = (...nextArgs) => {
        leaveIfLast(req, route, route.stack.indexOf(layer), nextArgs[0])
        return next(...nextArgs)
      }
      const own = [...args.slice(0, isForErrors ? 3 : 2), followedNext]
      return tellDone(
        visit,
        () => Reflect.apply(target, self, own),
        (error) => {
          if (!hasNext(req, route, route.stack.indexOf(layer), true)) leaveRoute(req, error ?? true)
        },
      )
    },
  })
  FOLLOWED.set(followed, handle)
  layer.handle = followed
}

function tellDone({ visitors }: Visit, run: () => unknown, failed: (error: unknown) => void): unknown {
  const done = (): void => {
    for (const visitor of visitors) visitor.handlerDone?.()
  }
  try {
    const result = run()
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
      done()
      return result
    }
    // In place of the promise itself, of which nobody would hear on Express 4 that it has been rejected.
    const followed = (result as PromiseLike<unknown>).then(
      (value) => {
        done()
        return value
      },
      (error) => {
        done()
        failed(error)
        throw error
      },
    )
    return followed ?? result
  } catch (error) {
    done()
    failed(error)
    throw error
  }
}

/** Says that a request leaves its route, if nothing there takes what the layer at a place goes on with. */
function leaveIfLast(req: Request, route: VisitedRoute, at: number, error: unknown): void {
  const isOver = error === 'route' || error === 'router'
  if (isOver || !hasNext(req, route, at, Boolean(error))) leaveRoute(req, isOver ? undefined : error)
}

/** Whether a layer is behind that takes a request, or an error, as Express goes on within a route. */
function hasNext(req: Request, { stack }: VisitedRoute, at: number, isError: boolean): boolean {
  const method = req.method.toLowerCase()
  return stack.slice(at + 1).some((layer) => {
    const isForMethod =
      layer.method === undefined || layer.method === method || (method === 'head' && layer.method === 'get')
    return isForMethod && (layer.handle.length === 4) === isError
  })
}
