import type { NextFunction, Request, Response } from 'express'
import type { FollowedDatabase } from '../dependencies/followed-database.js'
import type { MiddlewareContext } from './context.js'
import type { CacheMiddleware } from './middleware.js'
import { holdResponse } from './write/hold-response.js'
import { passBarrier } from './write/pass-barrier.js'

/** They change nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Middleware that keeps a write's answer back until all that followed databases have committed is evicted. */
export function barrierMiddleware(context: MiddlewareContext): CacheMiddleware {
  context.barrier.askFor()

  function barrier(req: Request, res: Response, next: NextFunction): void {
    if (SAFE_METHODS.has(req.method)) {
      next()
      return
    }
    let databases: readonly FollowedDatabase[]
    try {
      // Now, as one that is followed no longer when the handler is done may have missed what it does.
      databases = context.barrier.ofBarriers()
    } catch (error) {
      next(error)
      return
    }
    if (databases.length > 0) hold(res, databases, context)
    next()
  }
  return barrier as CacheMiddleware
}

function hold(res: Response, databases: readonly FollowedDatabase[], context: MiddlewareContext): void {
  holdResponse(res, {
    wantsBody: false,
    maxBytes: context.maxBodyBytes,
    // Whatever a handler does after its client has gone is evicted as it comes.
    lateMs: 0,
    settle: (head) => (head.status >= 400 ? undefined : passBarrier(databases, context, res)),
  })
}
