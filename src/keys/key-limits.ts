import { MAX_KEY_BYTES } from './escape-value.js'

/** Whether a text is too long to be a key. */
export function isTooLongForKey(text: string): boolean {
  return text.length > MAX_KEY_BYTES || Buffer.byteLength(text) > MAX_KEY_BYTES
}

/** Whether a pattern, with nothing in the place of its stars, is longer than any key. */
export function isTooLongToMatch(pattern: string): boolean {
  return pattern.length > MAX_KEY_BYTES && isTooLongForKey(pattern.replaceAll('*', ''))
}
