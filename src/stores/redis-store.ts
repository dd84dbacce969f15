import { randomBytes } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import { CacheError } from '../errors.js'
import { literalPrefixOfGlob, literalPrefixOfPattern } from '../keys/glob.js'
import { VARIANT_SEPARATOR } from '../keys/match-pattern.js'
import { groupOfSelector } from './group-of-selector.js'
import { LeaseWaiters } from './lease-waiters.js'
import { globToLua, patternToLua } from './lua-pattern.js'
import { REDIS_SCRIPTS } from './redis-scripts.js'
import {
  groupOf,
  type LeaseEnd,
  type Lookup,
  type LookupOptions,
  type Selector,
  type Store,
  type StoredValue,
} from './store.js'
import { LATE, withinDeadline } from './within-deadline.js'

export interface RedisStoreOptions {
  readonly client: Redis | Cluster
  /** Stands before every key. */
  readonly keyPrefix: string
  /** How long any operation may take. */
  readonly deadlineMs: number
  /** Whether `close` ends the client. */
  readonly ownsClient: boolean
  /** Hears of what goes wrong where nobody waits for it. */
  readonly onTrouble?: ((error: unknown) => void) | undefined
}

const FENCE_MS = 3_600_000
const READY_WITHIN_MS = 2_000
const QUIT_WITHIN_MS = 500
/** So that no single script is sent an unbounded number of arguments. */
const SELECTORS_PER_CALL = 100

/**
 * Values, leases and fences in Redis; see `redis-scripts.ts` for what lies there and why it can be trusted.
 *
 * While the client is not connected, operations reject at once, whatever the client's own queueing is set
 * to. An answer after the deadline is not used.
 *
 * @throws `E_CACHE_OPTION` for a Cluster, and for a client that has a key prefix of its own.
 */
export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #client: Redis | Cluster
  readonly #commands: Commands
  readonly #keyPrefix: string
  readonly #deadlineMs: number
  readonly #ownsClient: boolean
  readonly #onTrouble: (error: unknown) => void
  readonly #waiters = new LeaseWaiters()
  #answered = true

  constructor({ client, keyPrefix, deadlineMs, ownsClient, onTrouble = () => {} }: RedisStoreOptions) {
    refuseCluster(client)
    refuseKeyPrefix(client)
    for (const [name, script] of Object.entries(REDIS_SCRIPTS)) client.defineCommand(name, script)
    this.#client = client
    this.#commands = client as unknown as Commands
    this.#keyPrefix = keyPrefix
    this.#deadlineMs = deadlineMs
    this.#ownsClient = ownsClient
    this.#onTrouble = onTrouble
    // One from `connectRedis` reports its own errors.
    if (!ownsClient) client.on('error', onTrouble)
    // A lazy client connects with its first command, and we send none before it is connected.
    if (client.status === 'wait') client.connect().catch(onTrouble)
  }

  isAvailable(): boolean {
    return this.#answered && this.#client.status === 'ready'
  }

  async ready(): Promise<void> {
    if (!CONNECTING.has(this.#client.status)) return
    let settle = () => {}
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    for (const event of SETTLING_EVENTS) this.#client.once(event, settle)
    await withinDeadline(settled, READY_WITHIN_MS)
    for (const event of SETTLING_EVENTS) this.#client.off(event, settle)
  }

  async lookup(key: string, { leaseMs, graceMs, cap }: LookupOptions): Promise<Lookup> {
    const token = newToken()
    const limits = [wholeMs(leaseMs), graceMs, ...(cap ? [cap.prefix, cap.maxKeys] : [])]
    const reply = await this.#ask(
      (redis) => redis.cacheableLookupBuffer(this.#index, this.#keyPrefix, key, token, ...limits),
      (late) => {
        if (toLookup(late).kind === 'lease') this.release(key, token).catch(this.#onTrouble)
      },
    )
    return toLookup(reply)
  }

  async get(key: string): Promise<StoredValue | null> {
    const reply = await this.#ask((redis) => redis.cacheableGetBuffer(this.#index, this.#keyPrefix, key))
    return reply && { value: reply[0], remainingMs: reply[1] }
  }

  async fill(key: string, lease: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const stored = await this.#ask((redis) =>
      redis.cacheableFill(this.#index, this.#keyPrefix, key, lease, value, wholeMs(ttlMs)),
    )
    return stored === 1
  }

  waitForLease(_key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#waiters.wait(lease, Math.min(timeoutMs, 20))
  }

  async release(key: string, lease: string, _isUnshareable = false): Promise<void> {
    await this.#ask((redis) => redis.cacheableRelease(this.#index, this.#keyPrefix, key, lease))
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    const fence = this.#fence(groupOf(key))
    await this.#ask((redis) =>
      redis.cacheableSet(this.#index, fence, this.#keyPrefix, key, value, wholeMs(ttlMs)),
    )
  }

  fence(group: string): Promise<string> {
    return this.#ask((redis) =>
      redis.cacheableFence(
        this.#index,
        this.#fence(group),
        this.#fence(null),
        this.#keyPrefix,
        newToken(),
        newToken(),
        FENCE_MS,
      ),
    )
  }

  put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: 'replace' | 'if-absent',
  ): Promise<'stored' | 'present' | 'refused'> {
    return this.#ask((redis) =>
      redis.cacheablePut(
        this.#index,
        this.#fence(groupOf(key)),
        this.#fence(null),
        this.#keyPrefix,
        key,
        fence,
        value,
        wholeMs(ttlMs),
        mode,
      ),
    )
  }

  async evict(selectors: readonly Selector[]): Promise<number> {
    const removed = await this.#ask((redis) => {
      const calls = []
      for (let at = 0; at < selectors.length; at += SELECTORS_PER_CALL) {
        const chunk = selectors.slice(at, at + SELECTORS_PER_CALL)
        const groups = new Set(chunk.map(groupOfSelector))
        const names = [this.#index, ...[...groups].map((group) => this.#fence(group))]
        calls.push(
          redis.cacheableEvict(names.length, ...names, this.#keyPrefix, ...chunk.flatMap(toArguments)),
        )
      }
      return Promise.all(calls)
    })
    return removed.reduce((sum, count) => sum + count, 0)
  }

  async close(): Promise<void> {
    if (!this.#ownsClient) {
      this.#client.off('error', this.#onTrouble)
      return
    }
    const quitting = this.#client.quit().catch(() => LATE)
    if ((await withinDeadline(quitting, QUIT_WITHIN_MS)) === LATE) this.#client.disconnect()
  }

  get #index(): string {
    return `${this.#keyPrefix}#index`
  }

  /** null: the fence of all groups. */
  #fence(group: string | null): string {
    return `${this.#keyPrefix}#fence${group === null ? '' : `:${group}`}`
  }

  async #ask<T>(command: (redis: Commands) => Promise<T>, onLate?: (answer: T) => void): Promise<T> {
    const { status } = this.#client
    if (status !== 'ready') throw unavailable(`Redis is not connected (it is in state '${status}')`)
    const answer = command(this.#commands)
    const inTime = await withinDeadline(answer, this.#deadlineMs).catch((cause: unknown) => {
      this.#answered = false
      throw unavailable('Redis refused or lost a command', cause)
    })
    if (inTime !== LATE) {
      this.#answered = true
      return inTime
    }
    this.#answered = false
    answer.then(
      (late) => {
        this.#answered = true
        onLate?.(late)
      },
      () => {},
    )
    throw unavailable(`Redis did not answer within ${this.#deadlineMs} ms`)
  }
}

type LookupReply = readonly [kind: Buffer, ...rest: readonly unknown[]]

/** The scripts as ioredis offers them once defined: the names of the keys first, then the arguments. */
interface Commands {
  cacheableLookupBuffer(...args: CommandArguments): Promise<LookupReply>
  cacheableGetBuffer(...args: CommandArguments): Promise<readonly [Buffer, number] | null>
  cacheableFill(...args: CommandArguments): Promise<number>
  cacheableRelease(...args: CommandArguments): Promise<unknown>
  cacheableSet(...args: CommandArguments): Promise<unknown>
  cacheableFence(...args: CommandArguments): Promise<string>
  cacheablePut(...args: CommandArguments): Promise<'stored' | 'present' | 'refused'>
  cacheableEvict(...args: CommandArguments): Promise<number>
}

type CommandArguments = readonly (string | number | Buffer)[]

const CONNECTING: ReadonlySet<string> = new Set(['wait', 'connecting', 'connect'])
const SETTLING_EVENTS = ['ready', 'error', 'close', 'end'] as const

/** One index for all keys lies in one slot, and a script can only reach keys of one slot. */
function refuseCluster({ isCluster }: Redis | Cluster): void {
  if (!isCluster) return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ redis })',
    problem: 'a Redis Cluster cannot be used in this version',
    mend: 'Use a single Redis, with replicas or without.',
  })
}

function refuseKeyPrefix({ options }: Redis | Cluster): void {
  const { keyPrefix, redisOptions } = options as { keyPrefix?: string; redisOptions?: { keyPrefix?: string } }
  if (!keyPrefix && !redisOptions?.keyPrefix) return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ redis })',
    problem: 'the ioredis client has a keyPrefix of its own, which the keys in our scripts would lack',
    mend: 'Take it out of the client and write createCache({ redis, keyPrefix }) instead.',
  })
}

function unavailable(problem: string, cause?: unknown): CacheError {
  return new CacheError('E_CACHE_STORE_UNAVAILABLE', {
    problem,
    mend: 'Requests are answered without the cache meanwhile; check that Redis runs and can be reached.',
    cause,
  })
}

function newToken(): string {
  return randomBytes(16).toString('base64url')
}

/** Redis takes whole milliseconds, and at least one. */
function wholeMs(ms: number): number {
  return Math.max(1, Math.floor(ms))
}

function toLookup([kind, ...rest]: LookupReply): Lookup {
  if (kind.toString() === 'hit') {
    const [value, remainingMs] = rest as [Buffer, number]
    return { kind: 'hit', value, remainingMs }
  }
  if (kind.toString() === 'full') return { kind: 'full' }
  const [lease, value, remainingMs] = rest as [Buffer, Buffer | null, number]
  return {
    kind: kind.toString() as 'lease' | 'busy',
    lease: lease.toString(),
    stale: value && { value, remainingMs },
  }
}

/** As the eviction script reads them. What names one key alone needs no search. */
function toArguments(selector: Selector): readonly (string | Buffer)[] {
  switch (selector.kind) {
    case 'key':
      return ['key', selector.key]
    case 'pattern': {
      const { text, whole } = literalPrefixOfPattern(selector.pattern)
      if (whole && !text.includes(VARIANT_SEPARATOR)) return ['key', text]
      const pieces = patternToLua(selector.pattern)
      return ['pattern', text, String(pieces.length), ...pieces]
    }
    case 'glob': {
      const { text, whole } = literalPrefixOfGlob(selector.glob)
      if (whole) return ['key', text]
      const pieces = globToLua(selector.glob)
      return ['glob', text, String(pieces.length), ...pieces]
    }
  }
}
