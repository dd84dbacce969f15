import { CacheError } from '../errors.js'
import { MAX_KEY_BYTES } from './escape-value.js'

/** Each star of a glob makes a search of all keys longer. */
const MAX_STARS = 16

/** Whether a text is too long to be a key. */
export function isTooLongForKey(text: string): boolean {
  return text.length > MAX_KEY_BYTES || Buffer.byteLength(text) > MAX_KEY_BYTES
}

/** Whether a pattern, with nothing in the place of its stars, is longer than any key. */
export function isTooLongToMatch(pattern: string): boolean {
  return pattern.length > MAX_KEY_BYTES && isTooLongForKey(pattern.replaceAll('*', ''))
}

/** @throws CacheError `E_CACHE_PATTERN` for a glob that would keep the store busy for too long. */
export function requireBoundedGlob(glob: string, where: string): void {
  const stars = glob.length - glob.replaceAll('*', '').length
  if (!isTooLongForKey(glob) && stars <= MAX_STARS) return
  throw new CacheError('E_CACHE_PATTERN', {
    where,
    problem: isTooLongForKey(glob)
      ? `the glob is longer than a key can be, ${MAX_KEY_BYTES} bytes`
      : `the glob has ${stars} stars`,
    mend: `Write one of at most ${MAX_KEY_BYTES} bytes and ${MAX_STARS} stars; one that covers more keys will do.`,
  })
}
