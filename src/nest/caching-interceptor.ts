import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'
import type { Request, Response } from 'express'
import { Observable } from 'rxjs'
import type { CachedRoutes } from './cached-routes.js'
import { RouteVisit } from './route-visit.js'

/**
 * Stands around all other interceptors of a route with rules. The lookup is made behind them and behind pipes, by the
 * method itself (see `putBehindCache`); here an answer from the cache ends, and errors are seen on their way to filters.
 */
export class CachingInterceptor implements NestInterceptor {
  readonly #routes: CachedRoutes

  constructor(routes: CachedRoutes) {
    this.#routes = routes
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = context.getType() === 'http' ? this.#routes.of(context) : undefined
    if (!route) return next.handle()
    const http = context.switchToHttp()
    const [req, res] = [http.getRequest<Request>(), http.getResponse<Response>()]
    return followed(new RouteVisit(route, this.#routes.context, req, res), next.handle())
  }
}

/** For an answer from the cache, whatever interceptors make of nothing, Nest gets one value and does nothing with it. */
function followed(visit: RouteVisit, handled: Observable<unknown>): Observable<unknown> {
  return new Observable((subscriber) => {
    const end = () => {
      if (visit.isAnswered) subscriber.next(undefined)
      subscriber.complete()
    }
    return handled.subscribe({
      next: (value) => {
        if (!visit.isAnswered) subscriber.next(value)
      },
      error: (error: unknown) => {
        visit.failed(error)
        if (visit.isAnswered) end()
        else subscriber.error(error)
      },
      complete: end,
    })
  })
}
