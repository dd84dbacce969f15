import type { Express } from 'express'
import type { Cache } from 'express-cacheable'
import { quietExpress } from '../support/quiet-express.js'
import { forwardTo } from './forward-to.js'

/** The statuses that HTTP lets a cache store unasked (RFC 9110, section 15.1), 200 and 206 aside. */
const STATUSES = [203, 204, 300, 301, 308, 404, 405, 410, 414, 501]

/**
 * An app whose routes are declared as ours are to be declared, and whose handler answers what the test origin
 * answers. What is stored and served again is then up to the cache.
 *
 * The rule names some of the request headers that the tests vary on, and not the others: the ones are to be kept
 * apart, answers that vary on the others are not to be stored. A write evicts all pages beside its own, since
 * what a write changes is declared, and not read from its answer.
 */
export function appUnderTest(cache: Cache, origin: string): Express {
  const app = quietExpress()
  const forward = forwardTo(origin)
  const pages = ['/test/:uuid', '/test/:uuid/:filename']
  app.get(
    pages,
    cache.cacheable('page:{uuid}:{filename|index}:{query.test|none}', '1h', {
      statuses: STATUSES,
      vary: ['foo', 'accept-language'],
    }),
    forward,
  )
  app.all(pages, cache.evict('page:{uuid}:*'), forward)
  app.use(forward)
  return app
}
