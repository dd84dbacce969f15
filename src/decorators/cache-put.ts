import type { CachePutOptions } from '../rules/declaration.js'
import type { Duration } from '../rules/duration.js'
import { type TtlOrOptions, ttlAndOptions } from '../rules/ttl-or-options.js'
import { recordOnMethod, type UniversalMethodDecorator } from './metadata.js'

/**
 * Makes the JSON answer of a successful write the entry under a key, so that the next read is a hit.
 *
 * If something of the same first segment was evicted or written while the handler ran, the answer may be old
 * already; then the key is evicted instead.
 *
 * @example
 * class CustomerController {
 *   @CachePut('customer:{result.id}', 600)
 *   async createCustomer(req: Request, res: Response) { res.status(201).json(await create(req.body)) }
 * }
 */
export function CachePut(key: string, ttl?: Duration, options?: CachePutOptions): UniversalMethodDecorator
export function CachePut(key: string, options: CachePutOptions): UniversalMethodDecorator
export function CachePut(
  key: string,
  second?: TtlOrOptions<CachePutOptions>,
  third?: CachePutOptions,
): UniversalMethodDecorator {
  return recordOnMethod('CachePut', { kind: 'put', key, ...ttlAndOptions(second, third) })
}
