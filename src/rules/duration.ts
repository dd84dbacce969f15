import ms from 'ms'
import { CacheError } from '../errors.js'

/** A length of time: seconds (`90`, `'90'`), or a number with its unit (`'500ms'`, `'90s'`, `'10m'`, `'2h'`, `'1d'`). */
export type Duration = number | string

/**
 * A duration in whole milliseconds.
 *
 * A text without a unit means seconds, as the number does: it is what an environment variable gives.
 *
 * @throws CacheError `E_CACHE_TTL` for anything that is not a positive, finite duration.
 * @example
 * toMilliseconds('10m', 'ttl') // 600000
 */
export function toMilliseconds(duration: unknown, what: string, where?: string): number {
  const value = parse(duration)
  if (value !== undefined && Number.isSafeInteger(value) && value > 0) return value
  throw new CacheError('E_CACHE_TTL', {
    where,
    problem: `the ${what} ${typeof duration === 'string' ? `'${duration}'` : String(duration)} is not a positive duration`,
    mend: `Give seconds, such as 600, or a text with its unit, such as '10m'.`,
  })
}

function parse(duration: unknown): number | undefined {
  if (typeof duration === 'number') return Math.ceil(duration * 1_000)
  if (typeof duration !== 'string') return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(duration)) return Math.ceil(Number(duration) * 1_000)
  if (!/[a-z]\s*$/i.test(duration)) return undefined
  // The types do not say so, but `undefined` is what `ms` gives for a text that it cannot read.
  const value: number | undefined = ms(duration as ms.StringValue)
  return value === undefined ? undefined : Math.ceil(value)
}
