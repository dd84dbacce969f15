/** Every code an error of this package can carry; `docs/reference/errors.md` explains each. */
export const CACHE_ERROR_CODES = [
  'E_CACHE_BARRIER',
  'E_CACHE_BUS',
  'E_CACHE_DECORATOR',
  'E_CACHE_KEY',
  'E_CACHE_KEY_OVERLAP',
  'E_CACHE_METHOD',
  'E_CACHE_MOUNT',
  'E_CACHE_OPTION',
  'E_CACHE_PATTERN',
  'E_CACHE_PATTERN_UNREACHABLE',
  'E_CACHE_RULE_CONFLICT',
  'E_CACHE_SOURCE',
  'E_CACHE_STORE_REFUSED',
  'E_CACHE_STORE_UNAVAILABLE',
  'E_CACHE_TAG',
  'E_CACHE_TEMPLATE',
  'E_CACHE_TTL',
  'E_CACHE_VALUE',
  'E_CACHE_VISIBILITY',
] as const

export type CacheErrorCode = (typeof CACHE_ERROR_CODES)[number]

const REFERENCE = 'https://github.com/express-cacheable/express-cacheable/blob/main/docs/reference/errors.md'

export interface CacheErrorDetails {
  /** What is wrong, as a sentence without its full stop. */
  readonly problem: string
  /** Where: a class and method, an option, or a route. */
  readonly where?: string | undefined
  /** What to write instead. */
  readonly mend: string
  readonly cause?: unknown
}

/**
 * The only error type this package throws: what was wrong, where, and how to mend it.
 *
 * @example
 * try { createCache({ defaultTtl: -1 }) } catch (error) {
 *   if (error instanceof CacheError) console.error(error.code, error.mend) // 'E_CACHE_TTL'
 * }
 */
export class CacheError extends Error {
  override readonly name = 'CacheError'
  readonly code: CacheErrorCode
  readonly where: string | undefined
  readonly mend: string
  /** Where the error is explained. It stands below the stack where Node prints an error that nobody caught. */
  readonly help: string

  constructor(code: CacheErrorCode, { problem, where, mend, cause }: CacheErrorDetails) {
    super(`[${code}] ${where ? `${where}: ` : ''}${problem}. ${mend}`, cause === undefined ? {} : { cause })
    this.code = code
    this.where = where
    this.mend = mend
    this.help = `${REFERENCE}#${code.toLowerCase()}`
  }
}
