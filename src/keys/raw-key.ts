import { CacheError, type CacheErrorCode } from '../errors.js'
import { MAX_KEY_BYTES } from './escape-value.js'

/** A glob may have to escape each character of a key, or name several for it. */
const MAX_GLOB_BYTES = 4 * MAX_KEY_BYTES
/** Each star of a glob makes a search of all keys longer. */
const MAX_STARS = 16
/**
 * What a store keeps beside the values (`redis-names.ts`, `cluster-names.ts`), under its own prefix, or under one that
 * begins with it: a cache without a prefix could reach `crm:#index` by a key.
 */
const OF_BOOKKEEPING =
  /^#|#(?:index|fences|intents|marks|tags|server|members|calls|name|dictionary|agreed|lease|nothing|watch|report|questions|answer)(?:[:#]|$)|#\{/

/**
 * Why a text that a caller gives is no key; `undefined` if it is one. Keys of rules are rendered and need no check: their
 * values are escaped.
 */
export function refusalOfKey(key: unknown): string | undefined {
  const refusal = refusalOfText(key, MAX_KEY_BYTES)
  if (refusal !== undefined) return refusal
  return OF_BOOKKEEPING.test(String(key)) ? 'is a name of the cache itself' : undefined
}

/** @throws CacheError `E_CACHE_KEY` for what is no key. */
export function requireKey(key: unknown, call: string): void {
  refuse(key, refusalOfKey(key), {
    call,
    what: 'key',
    mend: `Give a text such as 'customer:42', of ${MAX_KEY_BYTES} bytes at most, without '#' at its beginning or before a name of the cache's own, such as in 'crm:#index'.`,
  })
}

/** @throws CacheError `E_CACHE_KEY` for what is no glob, or one that no key could be worth. */
export function requireGlob(glob: unknown, call: string): void {
  refuse(glob, refusalOfText(glob, MAX_GLOB_BYTES) ?? refusalOfStars(String(glob)), {
    call,
    what: 'glob',
    mend: `Give a text such as 'customers:list:*', of ${MAX_GLOB_BYTES} bytes and ${MAX_STARS} stars at most; one that covers more keys will do.`,
  })
}

/** Why a text that a caller gives is no tag; `undefined` if it is one. */
export function refusalOfTag(tag: unknown): string | undefined {
  const refusal = refusalOfText(tag, MAX_KEY_BYTES)
  return refusal ?? (String(tag).includes('\0') ? 'has a zero byte in it' : undefined)
}

/** @throws CacheError `E_CACHE_TAG` for what is no tag. */
export function requireTag(tag: unknown, call: string): void {
  refuse(tag, refusalOfTag(tag), {
    call,
    what: 'tag',
    code: 'E_CACHE_TAG',
    mend: `Give a text such as 'author:7', of ${MAX_KEY_BYTES} bytes at most.`,
  })
}

function refusalOfStars(glob: string): string | undefined {
  const stars = glob.length - glob.replaceAll('*', '').length
  return stars > MAX_STARS ? `has ${stars} stars` : undefined
}

function refusalOfText(text: unknown, maxBytes: number): string | undefined {
  if (typeof text !== 'string') return 'is no text'
  if (text === '') return 'is empty'
  // Of a very long text not all needs to be looked at: a character is a byte at least.
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) return `is over ${maxBytes} bytes`
  // It has no UTF-8 form: two that differ would be one key.
  return /\p{Surrogate}/u.test(text) ? 'has half a character in it' : undefined
}

interface Refused {
  readonly call: string
  readonly what: string
  readonly mend: string
  readonly code?: CacheErrorCode
}

function refuse(
  text: unknown,
  refusal: string | undefined,
  { call, what, mend, code = 'E_CACHE_KEY' }: Refused,
): void {
  if (refusal === undefined) return
  const shown = String(text).slice(0, 60)
  throw new CacheError(code, {
    where: `${call}('${shown}')`,
    problem: `the ${what} ${refusal}`,
    mend,
  })
}
