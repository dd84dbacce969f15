import { CacheError } from '../errors.js'

/**
 * The JSON text of a value; `undefined` for what has none, such as a function.
 *
 * @throws CacheError `E_CACHE_VALUE` for cycles and bigint.
 */
export function toJson(value: unknown, where: string): string | undefined {
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
