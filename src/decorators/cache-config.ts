import type { CacheConfigOptions } from '../rules/declaration.js'
import { recordOnClass, type UniversalClassDecorator } from './metadata.js'

/**
 * Says once what all rules of a class share: a key prefix, a TTL, options of `@Cacheable`.
 *
 * @example
 * @CacheConfig({ keyPrefix: 'crm:', ttl: '5m' })
 * class CustomerController {
 *   @Cacheable('customer:{id}') // crm:customer:{id}, five minutes
 *   async getCustomer(req: Request, res: Response) { res.json(await find(req.params.id)) }
 * }
 */
export function CacheConfig(options: CacheConfigOptions): UniversalClassDecorator {
  return recordOnClass(options)
}
