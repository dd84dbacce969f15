import type { CacheEvictOptions } from '../rules/declaration.js'
import { evictionDeclaration, type PatternsOrOptions } from '../rules/eviction-declaration.js'
import { recordOnMethod, type UniversalMethodDecorator } from './metadata.js'

/**
 * Removes entries after a write has succeeded and before its answer leaves, so that whoever holds the answer
 * reads the write. A failed write (thrown, or status 400 and up) removes nothing.
 *
 * @param patterns - Templates in which a whole segment may be `*`; `{result.…}` is taken from the JSON answer. With tags
 *   or tables they may be left out: `@CacheEvict({ tags: ['author:{id}'] })`, `@CacheEvict({ writes: ['customers'] })`.
 * @example
 * class CustomerController {
 *   @CacheEvict(['customer:{id}', 'customers:list:*'])
 *   async updateCustomer(req: Request, res: Response) { res.json(await update(req.params.id, req.body)) }
 * }
 */
export function CacheEvict(
  patterns: string | readonly string[],
  options?: CacheEvictOptions,
): UniversalMethodDecorator
export function CacheEvict(options: CacheEvictOptions): UniversalMethodDecorator
export function CacheEvict(first: PatternsOrOptions, options?: CacheEvictOptions): UniversalMethodDecorator {
  return recordOnMethod('CacheEvict', evictionDeclaration(first, options))
}
