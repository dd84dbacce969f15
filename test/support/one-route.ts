import type { Express, RequestHandler } from 'express'
import type { CacheableOptions } from 'express-cacheable'
import { serversOfSuite } from './http.js'
import type { MakeCache } from './on-each-store.js'
import { type RawAnswer, type RawRequest, sendRaw } from './raw-http.js'

interface OneRoute {
  readonly rule?: CacheableOptions
  /** Mounted in front of the route. */
  readonly before?: readonly RequestHandler[]
}

/** Gives a suite what serves one cached route, `/thing`, for all methods. */
export function oneRouteOfSuite(makeCache: MakeCache, createApp: () => Express) {
  const listen = serversOfSuite()
  return async (handler: RequestHandler, { rule = {}, before = [] }: OneRoute = {}) => {
    const { cache, events } = makeCache()
    const app = createApp()
    for (const middleware of before) app.use(middleware)
    let calls = 0
    app.all('/thing', cache.cacheable('thing', 60, rule), (req, res, next) => {
      calls++
      return handler(req, res, next)
    })
    await cache.ready(app)
    const url = await listen(app)
    return {
      cache,
      events,
      calls: () => calls,
      ask: (headers: Record<string, string> = {}, more: Partial<RawRequest> = {}) =>
        sendRaw(url, { target: '/thing', headers, ...more }),
    }
  }
}

export const xCachesOf = (answers: readonly RawAnswer[]) => answers.map((answer) => answer.header('x-cache'))
