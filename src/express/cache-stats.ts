import type { Request, RequestHandler, Response } from 'express'
import type { CacheStatistics } from '../engine/statistics.js'

/**
 * A handler that answers how the cache is doing: the guide's `hits`, `misses`, `total` and `hitRate` first,
 * then what else is known. It holds key templates, no keys and no values.
 *
 * @example
 * app.get('/api/cache/stats', cacheStats(cache))
 */
export function cacheStats(cache: { stats(): CacheStatistics }): RequestHandler {
  return function answerCacheStats(_req: Request, res: Response): void {
    res.setHeader('Cache-Control', 'no-store')
    res.json(cache.stats())
  }
}
