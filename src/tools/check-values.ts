import { CacheError } from '../errors.js'
import type { Logger } from '../logger.js'

/** @throws CacheError `E_CACHE_OPTION` naming `where`. */
export function positive(
  where: string,
  name: string,
  value: unknown,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= most) return value
  throw wrongOption(where, `${name} is ${shown(value)}`, `Give a whole number from 1 to ${most}.`)
}

/** @throws CacheError `E_CACHE_OPTION` naming `where`. */
export function usableLogger(where: string, logger: Logger): Logger {
  const missing = (['debug', 'info', 'warn', 'error'] as const).find(
    (name) => typeof logger?.[name] !== 'function',
  )
  if (!missing) return logger
  throw wrongOption(
    where,
    `the logger has no ${missing}()`,
    'Pass console, a pino logger, or an object with debug, info, warn and error.',
  )
}

/** @throws CacheError `E_CACHE_OPTION` where `options` is no object or has one that is not among `known`. */
export function knownOptions(
  where: string,
  options: unknown,
  known: ReadonlySet<string>,
  mend: string,
): void {
  if (typeof options !== 'object' || options === null) {
    throw wrongOption(where, 'the options are no object', mend)
  }
  const stranger = Object.keys(options).find((name) => !known.has(name))
  if (stranger !== undefined) {
    throw wrongOption(where, `there is no option '${stranger}'`, `There are ${[...known].join(', ')}.`)
  }
}

export function wrongOption(where: string, problem: string, mend: string): CacheError {
  return new CacheError('E_CACHE_OPTION', { where, problem, mend })
}

/** Texts in quotes, so that '50' is told from 50. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
