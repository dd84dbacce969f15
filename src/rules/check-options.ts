import { CacheError } from '../errors.js'

interface Expectation {
  readonly isMet: (value: unknown) => boolean
  /** What to give, as the error says it. */
  readonly mend: string
}

const FUNCTION: Expectation = { isMet: (value) => typeof value === 'function', mend: 'Give a function.' }
const BOOLEAN: Expectation = { isMet: (value) => typeof value === 'boolean', mend: 'Give true or false.' }
const TEXT: Expectation = {
  isMet: (value) => typeof value === 'string' && value !== '',
  mend: 'Give a text that is not empty.',
}
const LIST: Expectation = { isMet: Array.isArray, mend: 'Give a list, such as [404].' }
const HEADER_NAMES: Expectation = {
  isMet: (value) =>
    Array.isArray(value) && value.every((name) => typeof name === 'string' && /^[\w-]+$/.test(name)),
  mend: `Give a list of header names, such as ['accept-language'].`,
}
const KEY_PREFIX: Expectation = {
  isMet: (value) => typeof value === 'string' && /^[A-Za-z0-9._~@/:-]+$/.test(value),
  mend: `Give letters, digits and . _ ~ @ / : - alone, such as 'crm:'.`,
}
const COUNT: Expectation = {
  isMet: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  mend: 'Give a positive whole number, such as 1000.',
}
const DELIVERY: Expectation = {
  isMet: (value) => value === 'once' || value === 'every-process',
  mend: `Give 'once' or 'every-process'.`,
}
/** Judged where it is used, with an error of its own. */
const ELSEWHERE: Expectation = { isMet: () => true, mend: '' }

const CACHEABLE: Readonly<Record<string, Expectation>> = {
  condition: FUNCTION,
  unless: FUNCTION,
  statuses: LIST,
  mark: TEXT,
  vary: HEADER_NAMES,
  visibility: ELSEWHERE,
  honorRequestCacheControl: BOOLEAN,
  staleWhileRevalidate: ELSEWHERE,
  staleIfError: ELSEWHERE,
  compress: BOOLEAN,
  refreshAhead: BOOLEAN,
  maxKeys: COUNT,
}

const KNOWN = {
  '@Cacheable': CACHEABLE,
  '@CachePut': { condition: FUNCTION, unless: FUNCTION },
  '@CacheEvict': { condition: FUNCTION, before: BOOLEAN },
  '@OnEvent': { delivery: DELIVERY },
  '@CacheConfig': { ...CACHEABLE, keyPrefix: KEY_PREFIX, ttl: ELSEWHERE },
} as const satisfies Record<string, Readonly<Record<string, Expectation>>>

/**
 * Checks the names and kinds of options, which plain JavaScript leaves unchecked.
 *
 * @param decorator - Whose options they are; those of `cache.cacheable()` are those of `@Cacheable`.
 * @throws CacheError `E_CACHE_OPTION`.
 */
export function checkOptions(decorator: keyof typeof KNOWN, options: unknown, where: string): void {
  const known: Readonly<Record<string, Expectation>> = KNOWN[decorator]
  const wrong = (problem: string, mend: string): CacheError =>
    new CacheError('E_CACHE_OPTION', { where, problem: `${problem} of ${decorator}`, mend })

  if (typeof options !== 'object' || options === null) {
    throw wrong(`${String(options)} stands for the options`, 'Give an object, or leave it out.')
  }
  for (const [name, value] of Object.entries(options)) {
    const expectation = Object.hasOwn(known, name) ? known[name] : undefined
    if (!expectation) {
      throw wrong(`there is no option '${name}'`, `There are ${Object.keys(known).join(', ')}.`)
    }
    if (value !== undefined && !expectation.isMet(value)) {
      throw wrong(`${shown(value)} is no value for the option '${name}'`, expectation.mend)
    }
  }
}

/** JSON would say `null` for Infinity, and has no bigint. */
function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}
