import type { CacheableOptions } from '../rules/declaration.js'
import type { Duration } from '../rules/duration.js'
import { recordOnMethod, type UniversalMethodDecorator } from './metadata.js'

/**
 * Answers a route from the cache, and stores what its handler answered on a miss.
 *
 * @param key - A key template: `'customer:{id}'`, `'customers:list:{query.page|1}'`.
 * @param ttl - Seconds, or a text such as `'10m'`. Without it, the class's or the cache's default.
 * @example
 * class CustomerController {
 *   @Cacheable('customer:{id}', 600)
 *   async getCustomer(req: Request, res: Response) { res.json(await find(req.params.id)) }
 * }
 */
export function Cacheable(
  key: string,
  ttl?: Duration,
  options: CacheableOptions = {},
): UniversalMethodDecorator {
  return recordOnMethod('Cacheable', { kind: 'cacheable', key, ttl, options })
}
