import type { Request } from 'express'
import type { Conditions } from '../../http/conditions.js'

/**
 * Takes the conditions off a request, so that its handler answers in full and the answer can be stored. The
 * cache judges them itself, for hits and misses alike.
 */
export function takeConditions(req: Request): Conditions {
  const { 'if-none-match': match, 'if-modified-since': since, 'cache-control': control } = req.headers
  // An object from which something was deleted is slower from then on, even if it was not there.
  if (match !== undefined) delete req.headers['if-none-match']
  if (since !== undefined) delete req.headers['if-modified-since']
  return { 'if-none-match': match, 'if-modified-since': since, 'cache-control': control }
}

/** Gives a request back what was taken off it, where others than the cache answer it. */
export function restoreConditions(req: Request, conditions: Conditions): void {
  for (const name of ['if-none-match', 'if-modified-since'] as const) {
    if (conditions[name] !== undefined) req.headers[name] = conditions[name]
  }
}
