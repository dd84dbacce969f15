import type { CacheableOptions } from '../rules/declaration.js'
import type { Duration } from '../rules/duration.js'
import type { KeyFunction } from '../rules/key-function.js'
import { type TtlOrOptions, ttlAndOptions } from '../rules/ttl-or-options.js'
import { recordOnMethod, type UniversalMethodDecorator } from './metadata.js'

/**
 * Answers a route from the cache, and stores what its handler answered on a miss.
 *
 * @param key - A key template: `'customer:{id}'`, `'articles:{query.author|all}'`; or a function that gives the parts of the
 *   key: `(req) => ['feed', req.auth?.sub]`.
 * @param ttl - Seconds, or a text such as `'10m'`. Without it, the class's or the cache's default. The options may stand in
 *   its place.
 * @example
 * class CustomerController {
 *   @Cacheable('customer:{id}', 600)
 *   async getCustomer(req: Request, res: Response) { res.json(await find(req.params.id)) }
 * }
 */
export function Cacheable(
  key: string | KeyFunction,
  ttl?: Duration,
  options?: CacheableOptions,
): UniversalMethodDecorator
export function Cacheable(key: string | KeyFunction, options: CacheableOptions): UniversalMethodDecorator
export function Cacheable(
  key: string | KeyFunction,
  second?: TtlOrOptions<CacheableOptions>,
  third?: CacheableOptions,
): UniversalMethodDecorator {
  return recordOnMethod('Cacheable', { kind: 'cacheable', key, ...ttlAndOptions(second, third) })
}
