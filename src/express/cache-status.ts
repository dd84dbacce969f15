import type { ServerResponse } from 'node:http'
import { type CacheOutcome, cacheStatus } from '../http/cache-status.js'

/** Says on the response what the cache did: `X-Cache`, and `Cache-Status`. */
export function setCacheStatus(res: ServerResponse, outcome: CacheOutcome): void {
  res.setHeader('X-Cache', outcome.xCache)
  res.setHeader('Cache-Status', cacheStatus(outcome))
}
