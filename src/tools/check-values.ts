import { CacheError } from '../errors.js'
import { type Logger, quietLogger } from '../logger.js'
import { isAsync, tellGuarded } from './guarded.js'

/** What the value of an option has to be. */
export interface Expectation {
  readonly isMet: (value: unknown) => boolean
  /** What to give, as the error says it. */
  readonly mend: string
}

/** An expectation that tells the compiler of it. */
export interface TypedExpectation<Value> extends Expectation {
  readonly isMet: (value: unknown) => value is Value
}

/** What is wrong with an object of options. Whoever asked puts it into words. */
export type OptionFault =
  | { readonly kind: 'no object' }
  | { readonly kind: 'unknown option'; readonly name: string; readonly mend: string }
  | { readonly kind: 'wrong value'; readonly name: string; readonly value: unknown; readonly mend: string }

/** Judged where it is used, with an error of its own. */
export const ANYTHING: Expectation = { isMet: () => true, mend: '' }

export const BOOLEAN: TypedExpectation<boolean> = {
  isMet: (value) => typeof value === 'boolean',
  mend: 'Give true or false.',
}

/** A function whose answer is needed at once. */
export const FUNCTION: Expectation = {
  isMet: (value) => typeof value === 'function' && !isAsync(value),
  mend: 'Give a function that answers at once; an async one gives a promise, which is none.',
}

export function wholeNumber(most = Number.MAX_SAFE_INTEGER): TypedExpectation<number> {
  return {
    isMet: (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= most,
    mend: `Give a whole number from 1 to ${most}.`,
  }
}

/** The first fault of an object of options; undefined if it has none. An option that is undefined is not given. */
export function faultInOptions(
  options: unknown,
  expectations: Readonly<Record<string, Expectation>>,
): OptionFault | undefined {
  if (typeof options !== 'object' || options === null) return { kind: 'no object' }
  for (const [name, value] of Object.entries(options)) {
    const expectation = Object.hasOwn(expectations, name) ? expectations[name] : undefined
    if (!expectation) return { kind: 'unknown option', name, mend: listed(Object.keys(expectations)) }
    if (value !== undefined && !expectation.isMet(value)) {
      return { kind: 'wrong value', name, value, mend: expectation.mend }
    }
  }
  return undefined
}

/** @throws CacheError `E_CACHE_OPTION` where `options` is no object or has one that is not among `known`. */
export function knownOptions<Name extends string>(
  where: string,
  options: unknown,
  known: ReadonlySet<Name>,
  mend: string,
): asserts options is { readonly [Option in Name]?: unknown } {
  const fault = faultInOptions(options, Object.fromEntries([...known].map((name) => [name, ANYTHING])))
  if (fault?.kind === 'no object') throw wrongOption(where, 'the options are no object', mend)
  if (fault) throw wrongOption(where, `there is no option '${fault.name}'`, fault.mend)
}

/** The value, if it is what it has to be. @throws CacheError `E_CACHE_OPTION` naming `where`. */
export function expected<Value>(
  where: string,
  name: string,
  value: unknown,
  { isMet, mend }: TypedExpectation<Value>,
): Value {
  if (isMet(value)) return value
  throw wrongOption(where, `${name} is ${shown(value)}`, mend)
}

/** @throws CacheError `E_CACHE_OPTION` naming `where`. */
export function positive(where: string, name: string, value: unknown, most?: number): number {
  return expected(where, name, value, wholeNumber(most))
}

/** The logger, whose mistakes cost nothing but a line. @throws CacheError `E_CACHE_OPTION` naming `where`. */
export function usableLogger(where: string, logger: Logger): Logger {
  const missing = (['debug', 'info', 'warn', 'error'] as const).find(
    (name) => typeof logger?.[name] !== 'function',
  )
  if (!missing) return logger === quietLogger ? logger : guardedLogger(logger)
  throw wrongOption(
    where,
    `the logger has no ${missing}()`,
    'Pass console, a pino logger, or an object with debug, info, warn and error.',
  )
}

function guardedLogger(logger: Logger): Logger {
  const guarded = (level: keyof Logger) => {
    const write = (message: string) => logger[level](message)
    return (message: string) => tellGuarded(`${level}() of the logger`, write, message)
  }
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') }
}

export function wrongOption(where: string, problem: string, mend: string): CacheError {
  return new CacheError('E_CACHE_OPTION', { where, problem, mend })
}

/** Texts in quotes, so that '50' is told from 50. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

function listed(names: readonly string[]): string {
  return `There are ${names.join(', ')}.`
}
