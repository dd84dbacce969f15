import { tableFrom } from '../dependencies/table-tags.js'
import {
  ANYTHING,
  BOOLEAN,
  type Expectation,
  FUNCTION,
  faultInOptions,
  type OptionFault,
  type TypedExpectation,
  wholeNumber,
  wrongOption,
} from '../tools/check-values.js'
import { isAsync } from '../tools/guarded.js'
import type { Dependencies } from './declaration.js'

type Expectations = Readonly<Record<string, Expectation>>

const TEXT: Expectation = {
  isMet: (value) => typeof value === 'string' && value !== '',
  mend: 'Give a text that is not empty.',
}
const LIST: Expectation = { isMet: Array.isArray, mend: 'Give a list, such as [404].' }
const HEADER_NAMES: Expectation = {
  isMet: (value) =>
    Array.isArray(value) &&
    // The variant of a key that is called so is its version.
    value.every((name) => typeof name === 'string' && /^[\w-]+$/.test(name) && name.toLowerCase() !== 'v'),
  mend: `Give a list of header names, such as ['accept-language'].`,
}
const KEY_PREFIX: Expectation = {
  isMet: (value) => typeof value === 'string' && /^[A-Za-z0-9._~@/:-]+$/.test(value),
  mend: `Give letters, digits and . _ ~ @ / : - alone, such as 'crm:'.`,
}
const VERSION: Expectation = {
  isMet: (value) =>
    Number.isSafeInteger(value) || (typeof value === 'string' && /^[A-Za-z0-9._~-]+$/.test(value)),
  mend: `Give a whole number, or a text of letters, digits and . _ ~ - such as '2026-11'.`,
}
const SCHEMA: Expectation = {
  isMet: (value) => typeof Object(Object(value)['~standard']).validate === 'function',
  mend: 'Give a schema that speaks Standard Schema, such as one of Zod, Valibot or ArkType.',
}
const TAGS: Expectation = {
  isMet: (value) => typeof value === 'string' || Array.isArray(value),
  mend: `Give a list of tags, such as ['author:{result.author.id}'].`,
}
const TABLES: Expectation = {
  isMet: (value) => {
    const tables: readonly unknown[] = Array.isArray(value) ? value : [value]
    return tables.every((table) => typeof table === 'string' && tableFrom(table) !== undefined)
  },
  mend: `Give a list of tables, such as ['customers', 'audit.changes'].`,
}
const DEPENDENCIES: TypedExpectation<Dependencies> = {
  isMet: (value): value is Dependencies => value === 'evict' || value === 'check',
  mend: `Give 'evict' or 'check'.`,
}
const COMPRESS: Expectation = {
  isMet: (value) => typeof value === 'boolean' || value === 'dictionary',
  mend: `Give true, false or 'dictionary'.`,
}
const COUNT: Expectation = { ...wholeNumber(), mend: 'Give a positive whole number, such as 1000.' }
const SERIALIZER: Expectation = {
  isMet: (value) =>
    typeof Object(value).stringify === 'function' && typeof Object(value).parse === 'function',
  mend: 'Give an object with stringify and parse, such as superjson.',
}
const DELIVERY: Expectation = {
  isMet: (value) => value === 'once' || value === 'every-process',
  mend: `Give 'once' or 'every-process'.`,
}

const KEYS: Expectation = {
  isMet: (value) => typeof value === 'string',
  mend: `Give a pattern, such as 'feed:*'.`,
}

const CACHEABLE: Expectations = {
  ttl: ANYTHING,
  condition: FUNCTION,
  unless: FUNCTION,
  statuses: LIST,
  mark: TEXT,
  vary: HEADER_NAMES,
  visibility: ANYTHING,
  honorRequestCacheControl: BOOLEAN,
  staleWhileRevalidate: ANYTHING,
  staleIfError: ANYTHING,
  compress: COMPRESS,
  refreshAhead: BOOLEAN,
  maxKeys: COUNT,
  version: VERSION,
  schema: SCHEMA,
  tags: TAGS,
  reads: TABLES,
}

type Decorator =
  | 'cache.wrap'
  | 'cache.methods'
  | 'cache.warm'
  | '@Cacheable'
  | '@CachePut'
  | '@CacheEvict'
  | '@OnEvent'
  | '@CacheConfig'

const KNOWN: Readonly<Record<Decorator, Expectations>> = {
  '@Cacheable': { ...CACHEABLE, keys: KEYS },
  'cache.wrap': {
    ...{ tags: TAGS, reads: TABLES, staleWhileRevalidate: ANYTHING, staleIfError: ANYTHING },
    ...{ unless: FUNCTION, serializer: SERIALIZER, name: TEXT },
  },
  'cache.methods': { serializer: SERIALIZER },
  'cache.warm': { reads: TABLES },
  '@CachePut': {
    ...{ condition: FUNCTION, unless: FUNCTION, tags: TAGS, reads: TABLES, crashSafe: BOOLEAN },
    ...{ ttl: ANYTHING, dependencies: DEPENDENCIES },
  },
  '@CacheEvict': {
    ...{ condition: FUNCTION, before: BOOLEAN, tags: TAGS, writes: TABLES, crashSafe: BOOLEAN },
    dependencies: DEPENDENCIES,
  },
  '@OnEvent': { delivery: DELIVERY },
  '@CacheConfig': { ...CACHEABLE, keyPrefix: KEY_PREFIX },
}

/**
 * Checks the names and kinds of options, which plain JavaScript leaves unchecked.
 *
 * @param decorator - Whose options they are; those of `cache.cacheable()` are those of `@Cacheable`.
 * @throws CacheError `E_CACHE_OPTION`.
 */
export function checkOptions(decorator: Decorator, options: unknown, where: string): void {
  checkAgainst(KNOWN[decorator], decorator, options, where)
}

/** The same of what others than rules take. @throws CacheError `E_CACHE_OPTION`. */
export function checkAgainst(known: Expectations, whose: string, options: unknown, where: string): void {
  const fault = faultInOptions(options, known)
  if (!fault) return
  const mend = fault.kind === 'no object' ? 'Give an object, or leave it out.' : fault.mend
  throw wrongOption(where, `${inWords(fault, options)} of ${whose}`, mend)
}

function inWords(fault: OptionFault, options: unknown): string {
  switch (fault.kind) {
    case 'no object':
      return `${String(options)} stands for the options`
    case 'unknown option':
      return `there is no option '${fault.name}'`
    case 'wrong value':
      return `${asJson(fault.value)} is no value for the option '${fault.name}'`
  }
}

/** JSON would say `null` for Infinity, and has no bigint and no function. */
function asJson(value: unknown): string {
  if (typeof value === 'function') return isAsync(value) ? 'an async function' : 'a function'
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}
