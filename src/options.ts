import type { Request } from 'express'
import { type AuditOptions, type ResolvedAudit, resolveAudit } from './auditing/audit-options.js'
import { clientIn } from './clients/adapter-of.js'
import type { RedisClient } from './clients/redis-client.js'
import { parseTemplate, type Template } from './keys/template.js'
import { type Logger, quietLogger } from './logger.js'
import type { Dependencies } from './rules/declaration.js'
import { type Duration, toMilliseconds } from './rules/duration.js'
import {
  BOOLEAN,
  expected,
  FUNCTION,
  knownOptions,
  positive,
  type TypedExpectation,
  usableLogger,
  wrongOption,
} from './tools/check-values.js'

/** Options of `createCache`. */
export interface CacheOptions {
  /**
   * A URL (`redis://`, `rediss://`, `valkey://`, `valkeys://`, `unix://`, `redis+sentinel://`, `rediss+sentinel://`), or a
   * client or cluster of ioredis, node-redis or iovalkey that stays the caller's own.
   * @defaultValue none: values are kept in this process.
   */
  readonly redis?: string | RedisClient | undefined
  /** Put in front of every key in the store: `'crm:'`. @defaultValue `''` */
  readonly keyPrefix?: string | undefined
  /** What people know this process by, in reports and in the dashboard. @defaultValue the name of its script */
  readonly name?: string | undefined
  /** Where log lines go; hits and misses are told at `info`. @defaultValue warnings and errors on the console */
  readonly logger?: Logger | undefined
  /**
   * Keeps copies of what Redis gave in this process too. `maxBytes`: how much they may take. `maxAgeMs`: for how long
   * a copy is used; another process's eviction is told within moments, and if word of it is lost, this is how long an
   * old value may be served. Needs a client that speaks RESP3 (ioredis 6, node-redis 6), no cluster. Without `redis` all is in this
   * process anyway, and this does nothing. @defaultValue none
   */
  readonly memory?: MemoryOptions | undefined
  /** How long a request waits for Redis at most, in milliseconds. @defaultValue 50 */
  readonly deadlineMs?: number | undefined
  /**
   * - `false` takes the cache out of the way: every request runs its handler, and no connection is opened, so that nothing
   *   is evicted for other processes either. For tests.
   * - `'evictions'` stops lookups and fills alone: what this process writes is evicted for those that go on caching, and for
   *   itself once it caches again.
   *
   * @defaultValue true
   */
  readonly enabled?: boolean | 'evictions' | undefined
  /**
   * Looks at what a handler reads of the request while it loads an answer that is stored, and warns, once for a rule, of
   * what tells one person from another and is not in the key. @defaultValue true, unless NODE_ENV is 'production'
   */
  readonly watchIdentity?: boolean | undefined
  /**
   * Who is signed in, at once: `(req) => req.auth?.sub`. It is what `{user}`, and of an object `{user.id}`, means in keys, and
   * what a key has to name for `visibility: 'user'`. `undefined` or `null`: nobody is.
   * @defaultValue `req.user`, or the current user of routing-controllers
   */
  readonly user?: ((req: Request) => unknown) | undefined
  /**
   * Whether every write tells Redis before its handler runs what it will evict, so that a process that dies in the midst of
   * a write leaves nothing old; see the option of `@CacheEvict`. Without `redis` it has nothing to do, and not for a
   * cluster. @defaultValue false
   */
  readonly crashSafe?: boolean | undefined
  /**
   * What follows from a commit that a tracker has seen (`express-cacheable/prisma`, `express-cacheable/pg`); without one it
   * has nothing to do.
   *
   * - `evict`: what was made from the written rows goes, with what is declared.
   * - `check`: nothing goes that is not declared, and what was forgotten is told: in the log, as an event, in `stats()` and
   *   by `cache.forgotten()`.
   * - `instead`: what was made from the written rows goes, and rules for writes and events evict nothing. To try whether one
   *   could do without them.
   *
   * @defaultValue `'evict'`
   */
  readonly dependencies?: CacheDependencies | undefined
  /**
   * Asks a share of hits again behind their answers, and tells what is stale: in the log, as events, in `stats()`, in metrics
   * and by `cache.audits()`. What is asked again runs the whole way through the application once more, and nothing of it is
   * stored. @defaultValue none
   */
  readonly audit?: AuditOptions | undefined
  /** The TTL where a rule, or a call of `set`, gives none. @defaultValue 300 seconds */
  readonly defaultTtl?: Duration | undefined
  /** Key templates that scripts or other services write, so that patterns may evict them. */
  readonly externalKeys?: readonly string[] | undefined
  /** How long one reader may load before another may begin, in milliseconds. @defaultValue 30000 */
  readonly leaseMs?: number | undefined
  /** Answers larger than this, in bytes, pass through unstored. @defaultValue 1 MiB */
  readonly maxBodyBytes?: number | undefined
  /**
   * Names of cookies that keep no answer from being stored, such as those of a session that is renewed with each
   * answer. They are never stored themselves. @defaultValue none: a `Set-Cookie` from anywhere does
   */
  readonly harmlessCookies?: readonly string[] | undefined
  /**
   * Names of response headers that tell clients alone what to do where middleware in front of the cache has set them,
   * such as `Cache-Control` of an app whose answers no browser may keep. @defaultValue none: `no-store` from anywhere
   * keeps an answer from being stored
   */
  readonly clientHeaders?: readonly string[] | undefined
  /** The size of the in-process store, in bytes; what nobody asks for again leaves first. @defaultValue 64 MiB */
  readonly maxMemoryBytes?: number | undefined
}

/** Of a cache; rules have no `instead`. */
export type CacheDependencies = Dependencies | 'instead'

/** Copies in this process. */
export interface MemoryOptions {
  readonly maxBytes: number
  /** Milliseconds. */
  readonly maxAgeMs: number
}

/** Options, checked and complete. */
export interface ResolvedOptions {
  readonly redis: string | RedisClient | undefined
  readonly keyPrefix: string
  readonly name: string | undefined
  readonly memory: MemoryOptions | undefined
  readonly logger: Logger
  readonly deadlineMs: number
  /** Whether requests are looked up and stored. */
  readonly isEnabled: boolean
  /** Whether the store is that of `redis`. */
  readonly isConnected: boolean
  readonly watchesIdentity: boolean
  readonly user: ((req: Request) => unknown) | undefined
  readonly isCrashSafe: boolean
  readonly dependencies: CacheDependencies
  readonly audit: ResolvedAudit | undefined
  readonly defaultTtl: Duration
  readonly defaultTtlMs: number
  readonly externalTemplates: readonly Template[]
  readonly leaseMs: number
  readonly maxBodyBytes: number
  readonly maxMemoryBytes: number
  readonly harmlessCookies: ReadonlySet<string>
  /** In lower case. */
  readonly clientHeaders: ReadonlySet<string>
}

const WHERE = 'createCache()'
/** It is said in each report. */
const LONGEST_NAME = 100
const MIB = 1024 * 1024
/** Node's timers run at once when asked for more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
const KNOWN = new Set<keyof CacheOptions>([
  'redis',
  'keyPrefix',
  'name',
  'memory',
  'logger',
  'deadlineMs',
  'enabled',
  'watchIdentity',
  'user',
  'crashSafe',
  'dependencies',
  'audit',
  'defaultTtl',
  'externalKeys',
  'leaseMs',
  'maxBodyBytes',
  'maxMemoryBytes',
  'harmlessCookies',
  'clientHeaders',
])

const DEPENDENCIES: TypedExpectation<CacheDependencies> = {
  isMet: (value): value is CacheDependencies => ['evict', 'check', 'instead'].includes(value as string),
  mend: `Give 'evict', 'check' or 'instead'.`,
}

const ENABLED: TypedExpectation<boolean | 'evictions'> = {
  isMet: (value): value is boolean | 'evictions' => typeof value === 'boolean' || value === 'evictions',
  mend: `Give true, false or 'evictions'.`,
}

const USER: TypedExpectation<(req: Request) => unknown> = {
  isMet: (value): value is (req: Request) => unknown => FUNCTION.isMet(value),
  mend: FUNCTION.mend,
}

const MEMORY_KNOWN = new Set<keyof MemoryOptions>(['maxBytes', 'maxAgeMs'])

/** @throws CacheError `E_CACHE_OPTION`, `E_CACHE_TTL` or `E_CACHE_TEMPLATE`. */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  knownOptions(WHERE, options, KNOWN, `Write createCache({ redis: 'redis://host:6379' }).`)
  const {
    keyPrefix = '',
    logger = quietLogger,
    watchIdentity = process.env.NODE_ENV !== 'production',
    crashSafe = false,
    dependencies = 'evict',
    defaultTtl = 300,
    externalKeys = [],
  } = options
  if (typeof keyPrefix !== 'string' || !/^[A-Za-z0-9._~@/:-]*$/.test(keyPrefix)) {
    throw wrongOption(
      WHERE,
      `the keyPrefix '${String(keyPrefix)}' cannot be used`,
      'Use letters, digits and . _ ~ @ / : - alone.',
    )
  }
  if (!Array.isArray(externalKeys)) {
    throw wrongOption(
      WHERE,
      'externalKeys is no list',
      `Give a list of key templates, such as ['report:{id}'].`,
    )
  }
  const enabled = expected(WHERE, 'enabled', options.enabled ?? true, ENABLED)
  return {
    redis: redisOf(options.redis),
    keyPrefix,
    name: nameOf(options.name),
    memory: memoryOf(options.memory),
    logger: usableLogger(WHERE, logger),
    deadlineMs: positive(WHERE, 'deadlineMs', options.deadlineMs ?? 50, LONGEST_TIMER_MS),
    isEnabled: enabled === true,
    isConnected: enabled !== false,
    watchesIdentity: expected(WHERE, 'watchIdentity', watchIdentity, BOOLEAN),
    user: options.user === undefined ? undefined : expected(WHERE, 'user', options.user, USER),
    isCrashSafe: expected(WHERE, 'crashSafe', crashSafe, BOOLEAN),
    dependencies: expected(WHERE, 'dependencies', dependencies, DEPENDENCIES),
    audit: resolveAudit(options.audit),
    defaultTtl,
    defaultTtlMs: toMilliseconds(defaultTtl, 'defaultTtl', WHERE),
    externalTemplates: externalKeys.map((text) => parseTemplate(text, `${WHERE} externalKeys`)),
    leaseMs: positive(WHERE, 'leaseMs', options.leaseMs ?? 30_000, LONGEST_TIMER_MS),
    maxBodyBytes: positive(WHERE, 'maxBodyBytes', options.maxBodyBytes ?? MIB),
    maxMemoryBytes: positive(WHERE, 'maxMemoryBytes', options.maxMemoryBytes ?? 64 * MIB),
    harmlessCookies: namesOf('harmlessCookies', options.harmlessCookies, '_stats'),
    clientHeaders: new Set(
      [...namesOf('clientHeaders', options.clientHeaders, 'cache-control')].map((name) => name.toLowerCase()),
    ),
  }
}

function redisOf(redis: unknown): ResolvedOptions['redis'] {
  // An unset REDIS_URL often arrives as an empty text.
  if (redis === undefined || redis === '') return undefined
  return typeof redis === 'string' ? redis : clientIn(redis, WHERE)
}

function nameOf(name: unknown): string | undefined {
  if (name === undefined || name === '') return undefined
  if (typeof name === 'string' && name.length <= LONGEST_NAME) return name
  throw wrongOption(
    WHERE,
    `the name is no text of at most ${LONGEST_NAME} characters`,
    `Give one such as 'customer-1'.`,
  )
}

function namesOf(option: string, names: unknown = [], example: string): ReadonlySet<string> {
  if (Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '')) {
    return new Set(names)
  }
  throw wrongOption(WHERE, `${option} is no list of names`, `Give a list such as ['${example}'].`)
}

function memoryOf(memory: unknown): MemoryOptions | undefined {
  if (memory === undefined) return undefined
  const where = 'createCache({ memory })'
  knownOptions(where, memory, MEMORY_KNOWN, 'Write memory: { maxBytes: 32 * 1024 * 1024, maxAgeMs: 10_000 }.')
  return {
    maxBytes: positive(where, 'maxBytes', memory.maxBytes),
    maxAgeMs: positive(where, 'maxAgeMs', memory.maxAgeMs),
  }
}
