import type { Redis } from 'ioredis'
import {
  groupOf,
  type Heartbeat,
  type LeaseEnd,
  type Lookup,
  type LookupOptions,
  type Selector,
  type StoredValue,
} from '../store.js'
import { INVALIDATE_ALL, invalidationMessage } from '../tiered/invalidation-message.js'
import type { InvalidationListener, NotifyingStore } from '../tiered/tiered-store.js'
import {
  type CommandArguments,
  lifetimeArguments,
  newToken,
  RedisConnection,
  type RedisStoreOptions,
  UNSHAREABLE,
  wholeMs,
} from './redis-connection.js'
import { type LookupCommands, RedisLookups } from './redis-lookups.js'
import { REDIS_SCRIPTS } from './redis-scripts.js'
import { fallingArguments, fallingGroups, type ScriptSelector, scriptSelector } from './script-selector.js'

const FENCE_MS = 3_600_000
const SERVER_MS = 7 * 24 * 3_600_000
/** So that no single script is sent an unbounded number of arguments. */
const SELECTORS_PER_CALL = 100
/** How many keys one script looks at, so that none keeps Redis from others for more than a few milliseconds. */
const EVICTED_AT_ONCE = 500
const TIDIED_AT_ONCE = 100
const NO_FENCES = fallingArguments([])

/**
 * Values, leases and fences in one Redis, with replicas or without; see `redis-scripts.ts` for what lies there and
 * why it can be trusted.
 *
 * @throws `E_CACHE_OPTION` for a client that has a key prefix of its own.
 */
export class RedisStore implements NotifyingStore {
  readonly kind = 'redis'
  readonly #connection: RedisConnection<Commands>
  readonly #lookups: RedisLookups<Commands>
  readonly #keyPrefix: string
  readonly #index: string
  readonly #fences: string
  readonly #server: string
  readonly #members: string

  constructor(options: RedisStoreOptions) {
    this.#keyPrefix = options.keyPrefix
    this.#index = `${options.keyPrefix}#index`
    this.#fences = `${options.keyPrefix}#fences`
    this.#server = `${options.keyPrefix}#server`
    this.#members = `${options.keyPrefix}#members`
    const commands = options.client as unknown as Commands
    this.#connection = new RedisConnection<Commands>(REDIS_SCRIPTS, {
      ...options,
      handshake: () => commands.cacheableGreet(this.#index, this.#fences, this.#server, SERVER_MS),
      tidy: () => this.#tidy(),
    })
    this.#lookups = new RedisLookups({
      connection: this.#connection,
      keyPrefix: this.#keyPrefix,
      index: this.#index,
      release: (redis, key, token) => this.#toRelease(key, token)(redis),
    })
  }

  isAvailable(): boolean {
    return this.#connection.isAvailable()
  }

  ready(): Promise<void> {
    return this.#connection.ready()
  }

  onInvalidation(listener: InvalidationListener): void {
    this.#connection.onInvalidation(listener)
  }

  hit(): null {
    return null
  }

  lookup(key: string, options: LookupOptions): Promise<Lookup> {
    return this.#lookups.lookup(key, options)
  }

  get(key: string): Promise<StoredValue | null> {
    return this.#lookups.get(key)
  }

  async fill(key: string, lease: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const stored = await this.#connection.ask((redis) =>
      redis.cacheableFill(...this.#namesOf(key), key, lease, value, wholeMs(ttlMs), this.#connection.channel),
    )
    return stored === 1
  }

  async release(key: string, lease: string, isUnshareable = false): Promise<void> {
    await this.#connection.ask(this.#toRelease(key, lease, isUnshareable ? UNSHAREABLE : ''))
  }

  waitForLease(_key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#connection.waitForLease(lease, timeoutMs)
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    const setting = this.#connection.ask((redis) =>
      redis.cacheableSet(...this.#namesOf(key), this.#fences, ...this.#valueArguments(key, value, ttlMs)),
    )
    const hasVariants = await this.#evictIfItFails(key, setting)
    if (hasVariants === 1) await this.#evictVariants(key)
  }

  fence(group: string): Promise<string> {
    return this.#connection.ask((redis) => redis.cacheableFence(this.#fences, group, newToken(), FENCE_MS))
  }

  async put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: 'replace' | 'if-absent',
  ): Promise<'stored' | 'present' | 'refused'> {
    const putting = this.#connection.ask((redis) =>
      redis.cacheablePut(
        ...this.#namesOf(key),
        this.#fences,
        ...this.#valueArguments(key, value, ttlMs),
        fence,
        mode,
      ),
    )
    if (mode === 'if-absent') return (await putting)[0]
    const [outcome, hasVariants] = await this.#evictIfItFails(key, putting)
    if (outcome === 'refused') await this.evict([{ kind: 'key', key }])
    else if (hasVariants === 1) await this.#evictVariants(key)
    return outcome
  }

  async evict(selectors: readonly Selector[]): Promise<number> {
    let removed = 0
    for (let at = 0; at < selectors.length; at += SELECTORS_PER_CALL) {
      const chunk = selectors.slice(at, at + SELECTORS_PER_CALL)
      const falling = fallingArguments(fallingGroups(chunk))
      removed += await this.#evictAll(invalidationMessage(chunk), falling, chunk.map(scriptSelector))
    }
    return removed
  }

  async heartbeat(wasInTouch: boolean): Promise<Heartbeat> {
    const [now, oldest] = await this.#connection.ask((redis) =>
      redis.cacheableCheckIn(
        this.#members,
        this.#index,
        this.#fences,
        this.#connection.id,
        ...lifetimeArguments(wasInTouch),
        this.#connection.evictions,
        INVALIDATE_ALL,
      ),
    )
    return { now, oldest }
  }

  async leave(): Promise<void> {
    await this.#connection.ask((redis) => redis.zrem(this.#members, this.#connection.id))
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  /**
   * Goes on from where each script stopped, with other clients' commands between them.
   *
   * @param word - For those who hold copies.
   * @param fences - Which ones fall.
   */
  async #evictAll(
    word: string,
    fences: readonly (string | number)[],
    selectors: readonly ScriptSelector[],
  ): Promise<number> {
    let removed = 0
    let left = selectors
    let cursor: string | Buffer = ''
    let falling = fences
    while (left.length > 0) {
      const [count, done, reached] = await this.#evictSome(word, falling, left, cursor)
      removed += count
      if (done === undefined || reached === undefined) break
      left = left.slice(done)
      cursor = reached
      falling = NO_FENCES
    }
    return removed
  }

  #evictVariants(key: string): Promise<number> {
    return this.#evictAll(invalidationMessage([{ kind: 'key', key }]), NO_FENCES, [
      { kind: 'variants', start: key, pieces: [] },
    ])
  }

  #evictSome(
    word: string,
    falling: readonly (string | number)[],
    selectors: readonly ScriptSelector[],
    cursor: string | Buffer,
  ): Promise<EvictReply> {
    const limits = [
      this.#keyPrefix,
      this.#connection.channel,
      EVICTED_AT_ONCE,
      cursor,
      this.#connection.evictions,
      word,
    ]
    return this.#connection.ask((redis) =>
      redis.cacheableEvictBuffer(
        this.#index,
        this.#fences,
        ...limits,
        ...falling,
        ...selectors.flatMap(toArguments),
      ),
    )
  }

  /** If the new value is refused, the old one must go all the same. */
  async #evictIfItFails<T>(key: string, writing: Promise<T>): Promise<T> {
    try {
      return await writing
    } catch (error) {
      await this.evict([{ kind: 'key', key }]).catch(() => {})
      throw error
    }
  }

  /** As Redis itself does with what has expired: a sample, and again at once while much of it is dead. */
  async #tidy(): Promise<void> {
    let [looked, dead] = [0, 0]
    do {
      ;[looked, dead] = await this.#connection.ask((redis) =>
        redis.cacheableTidy(this.#index, this.#server, this.#keyPrefix, TIDIED_AT_ONCE, SERVER_MS),
      )
    } while (dead > looked / 4)
  }

  #toRelease(key: string, lease: string, how = ''): (redis: Commands) => Promise<unknown> {
    return (redis) => redis.cacheableRelease(...this.#namesOf(key), key, lease, this.#connection.channel, how)
  }

  #namesOf(key: string): readonly [index: string, value: string, lease: string] {
    const name = this.#keyPrefix + key
    return [this.#index, name, `{${name}}#lease`]
  }

  #valueArguments(key: string, value: Buffer, ttlMs: number): readonly (string | number | Buffer)[] {
    const { channel, evictions } = this.#connection
    return [
      key,
      groupOf(key),
      value,
      wholeMs(ttlMs),
      channel,
      evictions,
      invalidationMessage([{ kind: 'key', key }]),
    ]
  }
}

type EvictReply = readonly [removed: number, done?: number, reached?: Buffer]

/** The scripts as ioredis offers them once defined: the names of the keys first, then the arguments. */
interface Commands extends LookupCommands {
  cacheableFill(...args: CommandArguments): Promise<number>
  cacheableRelease(...args: CommandArguments): Promise<unknown>
  cacheableSet(...args: CommandArguments): Promise<number>
  cacheableFence(...args: CommandArguments): Promise<string>
  cacheablePut(
    ...args: CommandArguments
  ): Promise<[outcome: 'stored' | 'present' | 'refused', hasVariants: number]>
  cacheableEvictBuffer(...args: CommandArguments): Promise<EvictReply>
  cacheableTidy(...args: CommandArguments): Promise<readonly [looked: number, dead: number]>
  cacheableGreet(...args: CommandArguments): Promise<unknown>
  cacheableCheckIn(...args: CommandArguments): Promise<readonly [now: number, oldest: number]>
  readonly zrem: Redis['zrem']
}

function toArguments({ kind, start, pieces }: ScriptSelector): readonly (string | Buffer)[] {
  const isSearch = kind === 'pattern' || kind === 'glob'
  return isSearch ? [kind, start, String(pieces.length), ...pieces] : [kind, start]
}
