import { CacheError } from '../errors.js'
import { ignoreRejection, isThenable } from './guarded.js'

/**
 * The JSON text of a value; `undefined` for what has none, such as a function.
 *
 * @throws CacheError `E_CACHE_VALUE` for cycles, bigint and promises.
 */
export function toJson(value: unknown, where: string): string | undefined {
  if (isThenable(value)) {
    ignoreRejection(value)
    throw new CacheError('E_CACHE_VALUE', {
      where,
      problem: 'the value is a promise',
      mend: 'Await it: JSON would say {} of it.',
    })
  }
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new CacheError('E_CACHE_VALUE', {
      where,
      problem: 'the value has no JSON form',
      mend: 'Store plain data: no cycles, no bigint.',
      cause,
    })
  }
}
