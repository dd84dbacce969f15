import type { Cluster } from 'ioredis'
import {
  type CommandArguments,
  lifetimeArguments,
  newToken,
  RedisConnection,
  type RedisStoreOptions,
  UNSHAREABLE,
  wholeMs,
} from '../redis/redis-connection.js'
import {
  fallingArguments,
  fallingGroups,
  type ScriptSelector,
  scriptSelector,
} from '../redis/script-selector.js'
import {
  groupOf,
  type Heartbeat,
  type KeyLimit,
  type LeaseEnd,
  type Lookup,
  type LookupOptions,
  type Selector,
  type Store,
  type StoredValue,
} from '../store.js'
import {
  leaseNameOf,
  membersNameOf,
  type Shard,
  shardNumberOf,
  shardNumberOfKey,
  shardsOf,
} from './cluster-names.js'
import { CLUSTER_SCRIPTS } from './cluster-scripts.js'

const FENCE_MS = 3_600_000
/** How long a write may take from taking a key's lease to storing its value. */
const WRITE_LEASE_MS = 5_000
const UNLISTED_AT_ONCE = 500
const TIDIED_AT_ONCE = 100
/** How often a question is asked anew that others have got in the way of. */
const MAX_TURNS = 10

/**
 * Values, leases and fences in a Redis Cluster; see `cluster-scripts.ts` for why they can be trusted.
 *
 * A value lies in the slot that its key gives it, and the part of the index that lists it in another. So a hit asks
 * two servers at once, and a load begins after three round trips.
 */
export class ClusterStore implements Store {
  readonly kind = 'redis'
  readonly #connection: RedisConnection<Commands>
  readonly #keyPrefix: string
  readonly #shards: readonly Shard[]
  readonly #members: string
  /** What each part of the index was when last seen. */
  readonly #incarnations: string[] = []

  constructor(options: RedisStoreOptions) {
    this.#keyPrefix = options.keyPrefix
    this.#shards = shardsOf(options.keyPrefix)
    this.#members = membersNameOf(options.keyPrefix)
    this.#connection = new RedisConnection<Commands>(CLUSTER_SCRIPTS, {
      ...options,
      tidy: () => this.#tidy(),
    })
  }

  isAvailable(): boolean {
    return this.#connection.isAvailable()
  }

  ready(): Promise<void> {
    return this.#connection.ready()
  }

  hit(): null {
    return null
  }

  lookup(key: string, { leaseMs, graceMs, keyLimit }: LookupOptions): Promise<Lookup> {
    const token = newToken()
    return this.#connection.ask(
      (redis) =>
        this.#acquire(redis, key, token, { leaseMs, graceMs }, this.#toList(redis, key, leaseMs, keyLimit)),
      (redis) => this.#release(redis, key, token, ''),
    )
  }

  get(key: string): Promise<StoredValue | null> {
    return this.#connection.ask(async (redis) => {
      const { found, isListed } = await this.#look(redis, key, () =>
        redis.cacheableValueBuffer(this.#nameOf(key)),
      )
      return isListed && found ? { value: found[0], remainingMs: found[1] } : null
    })
  }

  fill(key: string, lease: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const { index } = this.#shardOf(key)
    return this.#connection.ask(async (redis) => {
      const [isStored] = await Promise.all([
        this.#store(redis, key, lease, value, ttlMs),
        redis.cacheableExtend(index, wholeMs(ttlMs)),
      ])
      return isStored
    })
  }

  release(key: string, lease: string, isUnshareable = false): Promise<void> {
    return this.#connection.ask((redis) => this.#release(redis, key, lease, isUnshareable ? UNSHAREABLE : ''))
  }

  waitForLease(_key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#connection.waitForLease(lease, timeoutMs)
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    await this.#write(key, value, ttlMs, '')
  }

  fence(group: string): Promise<string> {
    const { fences } = this.#shardOf(group)
    return this.#connection.ask((redis) => redis.cacheableFence(fences, group, newToken(), FENCE_MS))
  }

  async put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: 'replace' | 'if-absent',
  ): Promise<'stored' | 'present' | 'refused'> {
    // A fence is never empty; to the script that means that none is asked for.
    const asked = fence === '' ? 'none' : fence
    if (mode === 'if-absent') return this.#putIfAbsent(key, asked, value, ttlMs)
    const isStored = await this.#write(key, value, ttlMs, asked)
    if (!isStored) await this.evict([{ kind: 'key', key }])
    return isStored ? 'stored' : 'refused'
  }

  async evict(selectors: readonly Selector[]): Promise<number> {
    const groups = fallingGroups(selectors)
    const removed = await Promise.all(selectors.map((selector) => this.#evictOne(selector, groups)))
    return removed.reduce((sum, count) => sum + count, 0)
  }

  heartbeat(wasInTouch: boolean): Promise<Heartbeat> {
    return this.#connection.ask(async (redis) => {
      const [now, oldest, lost] = await redis.cacheableCheckIn(
        this.#members,
        this.#connection.id,
        ...lifetimeArguments(wasInTouch),
      )
      if (lost > 0 && !wasInTouch) {
        await Promise.all(
          this.#shards.flatMap(({ index, fences }) => [redis.unlink(index), redis.unlink(fences)]),
        )
      }
      return { now, oldest }
    })
  }

  async leave(): Promise<void> {
    await this.#connection.ask((redis) => redis.zrem(this.#members, this.#connection.id))
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  /**
   * A fresh value, or the key's lease with the key entered in the index, or who else has the lease.
   *
   * @param enter - Enters the key; told whether it has to be there already.
   */
  async #acquire<Stop extends 'full' | 'refused'>(
    redis: Commands,
    key: string,
    token: string,
    { leaseMs, graceMs }: { leaseMs: number; graceMs: number },
    enter: (mustBeThere: boolean) => Promise<'listed' | 'unknown' | Stop>,
  ): Promise<Exclude<Lookup, { kind: 'full' }> | { readonly kind: Stop }> {
    const take = async (what: 'keep' | 'anew') =>
      toTaking(await this.#take(redis, key, token, leaseMs, graceMs, what))
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const { found, isListed } = await this.#look(redis, key, () => take('keep'))
      const isPending = found.kind === 'busy' && found.isPending
      // What is there does not count, unless somebody is just about to make it count.
      const taking = isListed || isPending ? found : await take('anew')
      if (taking.kind === 'value') return { ...taking.stored, kind: 'hit' }
      if (taking.kind === 'busy') {
        return { kind: 'busy', lease: taking.holder, stale: isListed ? taking.stored : null }
      }
      const entry = await enter(taking.stored !== null)
      if (entry === 'unknown') await take('anew')
      else if (entry !== 'listed') {
        await this.#release(redis, key, token, '')
        return { kind: entry as Stop }
      } else if ((await redis.cacheableConfirm(this.#leaseOf(key), token)) === 1) {
        return { kind: 'lease', lease: token, stale: taking.stored }
      }
    }
    throw new Error(`The key was evicted ${MAX_TURNS} times while it was looked up`)
  }

  /** Asks the value's slot and the index at once, until the index was the same before and after. */
  async #look<T>(
    redis: Commands,
    key: string,
    read: () => Promise<T>,
  ): Promise<{ readonly found: T; readonly isListed: boolean }> {
    const shard = shardNumberOfKey(key)
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const before = this.#incarnations[shard]
      const [found, [listed, incarnation]] = await Promise.all([
        read(),
        redis.cacheableListedBuffer(this.#shardOf(key).index, key),
      ])
      const now = incarnation.toString('latin1')
      this.#incarnations[shard] = now
      if (listed === 0 || now === before) return { found, isListed: listed === 1 }
    }
    throw new Error(`The index was lost ${MAX_TURNS} times while a key was looked up`)
  }

  #toList(redis: Commands, key: string, leaseMs: number, keyLimit: KeyLimit | undefined) {
    const shard = this.#shardOf(key)
    return async (mustBeThere: boolean): Promise<'listed' | 'unknown' | 'full'> => {
      const isKnown = mustBeThere ? 1 : 0
      const limits = keyLimit
        ? [keyLimit.prefix, keyLimit.maxKeys - (await this.#countElsewhere(redis, shard, keyLimit.prefix))]
        : []
      const list = () =>
        redis.cacheableList(shard.index, key, wholeMs(leaseMs), newToken(), isKnown, ...limits)
      const [outcome, ...held] = await list()
      if (outcome !== 'full') return outcome
      await this.#unlistDead(redis, held)
      return (await list())[0]
    }
  }

  /** Keys that begin alike and yet lie in other parts of the index: none, if what they begin with ends a segment. */
  async #countElsewhere(redis: Commands, own: Shard, prefix: string): Promise<number> {
    if (groupOf(prefix).length < prefix.length) return 0
    const others = this.#shards.filter((shard) => shard !== own)
    const counts = await Promise.all(others.map(({ index }) => redis.cacheableCount(index, prefix)))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  #claim(
    redis: Commands,
    key: string,
    lifetimeMs: number,
    fence: string,
    falls: boolean,
  ): Promise<ClaimReply> {
    const { index, fences } = this.#shardOf(key)
    const limits = [wholeMs(lifetimeMs), newToken(), groupOf(key), fence, falls ? 1 : 0]
    return redis.cacheableClaim(index, fences, key, ...limits)
  }

  /**
   * Stores what is newer than anything loaded before. Its own lease keeps it from storing after an eviction.
   *
   * @param fence - Has to stand; empty: none is asked for.
   * @returns Whether it was stored; if not, something newer came in between, or the fence has fallen.
   */
  async #write(key: string, value: Buffer, ttlMs: number, fence: string): Promise<boolean> {
    const token = newToken()
    const { isStored, hasVariants } = await this.#connection.ask(async (redis) => {
      await this.#take(redis, key, token, WRITE_LEASE_MS, 0, 'force')
      const [outcome, variants] = await this.#claim(redis, key, ttlMs, fence, true)
      const isStored = outcome === 'listed' && (await this.#store(redis, key, token, value, ttlMs))
      return { isStored, hasVariants: variants === 1 }
    })
    if (hasVariants) await this.#evictListed(this.#shardOf(key), fallingArguments([]), variantsOf(key))
    return isStored
  }

  #putIfAbsent(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
  ): Promise<'stored' | 'present' | 'refused'> {
    const token = newToken()
    const limits = { leaseMs: WRITE_LEASE_MS, graceMs: 0 }
    return this.#connection.ask(async (redis) => {
      const claim = async () => (await this.#claim(redis, key, ttlMs, fence, false))[0]
      const found = await this.#acquire(redis, key, token, limits, claim)
      if (found.kind === 'refused') return 'refused'
      if (found.kind !== 'lease') return 'present'
      return (await this.#store(redis, key, token, value, ttlMs)) ? 'stored' : 'refused'
    })
  }

  async #evictOne(selector: Selector, groups: readonly string[] | null): Promise<number> {
    const own = fallingGroups([selector])
    const shards = own === null ? this.#shards : own.map((group) => this.#shardOf(group))
    const falling = fallingArguments(groups === null ? null : own)
    const removed = await Promise.all(
      shards.map((shard) => this.#evictListed(shard, falling, scriptSelector(selector))),
    )
    return removed.reduce((sum, count) => sum + count, 0)
  }

  /** Takes keys out of the index in batches, and removes what lay under each. */
  async #evictListed(
    { index, fences }: Shard,
    falling: readonly (string | number)[],
    { kind, start, pieces }: ScriptSelector,
  ): Promise<number> {
    let removed = 0
    let cursor: string | Buffer = ''
    for (let still = falling; ; still = fallingArguments([])) {
      const limits: CommandArguments = [UNLISTED_AT_ONCE, cursor, ...still]
      const [count, reached] = await this.#connection.ask(async (redis): Promise<[number, Buffer | null]> => {
        const [keys, last] = await redis.cacheableUnlistBuffer(
          index,
          fences,
          ...limits,
          kind,
          start,
          ...pieces,
        )
        const counts = await Promise.all(keys.map((key) => this.#drop(redis, key.toString())))
        return [counts.reduce((sum, each) => sum + each, 0), last]
      })
      removed += count
      if (reached === null) return removed
      cursor = reached
    }
  }

  /** Two commands for one name each: while a slot moves, a script for both would be told to try again later. */
  async #drop(redis: Commands, key: string): Promise<number> {
    const [, count] = await Promise.all([
      redis.cacheableEnd(this.#leaseOf(key), this.#connection.channel, ''),
      redis.del(this.#nameOf(key)),
    ])
    return count
  }

  async #release(redis: Commands, key: string, token: string, how: string): Promise<void> {
    const wasOurs = await redis.cacheableEnd(this.#leaseOf(key), this.#connection.channel, how, token)
    if (wasOurs === 1 && (await redis.exists(this.#nameOf(key))) === 0) {
      // Somebody may have begun to load meanwhile, whose value is then not served: no harm but another load.
      await redis.zrem(this.#shardOf(key).index, key)
    }
  }

  #take(
    redis: Commands,
    key: string,
    token: string,
    leaseMs: number,
    graceMs: number,
    what: 'keep' | 'anew' | 'force',
  ): Promise<TakeReply> {
    const names = [this.#nameOf(key), this.#leaseOf(key)]
    return redis.cacheableTakeBuffer(
      ...names,
      token,
      wholeMs(leaseMs),
      graceMs,
      what,
      this.#connection.channel,
    )
  }

  async #store(redis: Commands, key: string, token: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const names = [this.#nameOf(key), this.#leaseOf(key)]
    return (
      (await redis.cacheableStore(...names, token, value, wholeMs(ttlMs), this.#connection.channel)) === 1
    )
  }

  async #tidy(): Promise<void> {
    for (const { index } of this.#shards) {
      for (;;) {
        const [looked, dead] = await this.#connection.ask(async (redis) => {
          const sample = await redis.zrandmemberBuffer(index, TIDIED_AT_ONCE)
          const keys = sample.filter(([first]) => first !== INCARNATION_START).map(String)
          return [keys.length, await this.#unlistDead(redis, keys)]
        })
        if (dead <= looked / 4) break
      }
    }
  }

  /** @returns How many there were. */
  async #unlistDead(redis: Commands, keys: readonly string[]): Promise<number> {
    const counts = await Promise.all(
      keys.map(async (key) => {
        const there = await Promise.all([redis.exists(this.#nameOf(key)), redis.exists(this.#leaseOf(key))])
        return there[0] + there[1] > 0 ? 0 : redis.zrem(this.#shardOf(key).index, key)
      }),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }

  #nameOf(key: string): string {
    return this.#keyPrefix + key
  }

  #leaseOf(key: string): string {
    return leaseNameOf(this.#nameOf(key))
  }

  #shardOf(keyOrGroup: string): Shard {
    return this.#shards[shardNumberOf(groupOf(keyOrGroup))] as Shard
  }
}

/** See `cluster-scripts.ts`. */
const INCARNATION_START = 255

type ClaimReply = readonly [outcome: 'listed' | 'refused', hasVariants?: number]
type TakeReply = readonly [kind: Buffer, ...rest: readonly unknown[]]

type Taking =
  | { readonly kind: 'value'; readonly stored: StoredValue }
  | {
      readonly kind: 'busy'
      readonly holder: string
      readonly isPending: boolean
      readonly stored: StoredValue | null
    }
  | { readonly kind: 'lease'; readonly stored: StoredValue | null }

function toTaking([kind, ...rest]: TakeReply): Taking {
  if (kind.toString() === 'value') {
    const [value, remainingMs] = rest as [Buffer, number]
    return { kind: 'value', stored: { value, remainingMs } }
  }
  if (kind.toString() === 'busy') {
    const [holder, pending, value, remainingMs] = rest as [Buffer, number, Buffer | null, number]
    return {
      kind: 'busy',
      holder: holder.toString(),
      isPending: pending === 1,
      stored: value && { value, remainingMs },
    }
  }
  const [, value, remainingMs] = rest as [Buffer, Buffer | null, number]
  return { kind: 'lease', stored: value && { value, remainingMs } }
}

function variantsOf(key: string): ScriptSelector {
  return { kind: 'variants', start: key, pieces: [] }
}

/** The scripts as ioredis offers them once defined, and the other commands that are sent. */
interface Commands {
  cacheableTakeBuffer(...args: CommandArguments): Promise<TakeReply>
  cacheableConfirm(...args: CommandArguments): Promise<number>
  cacheableStore(...args: CommandArguments): Promise<number>
  cacheableEnd(...args: CommandArguments): Promise<number>
  cacheableValueBuffer(...args: CommandArguments): Promise<readonly [Buffer, number] | null>
  cacheableListedBuffer(...args: CommandArguments): Promise<readonly [listed: number, incarnation: Buffer]>
  cacheableList(
    ...args: CommandArguments
  ): Promise<[outcome: 'listed' | 'unknown' | 'full', ...held: string[]]>
  cacheableCount(...args: CommandArguments): Promise<number>
  cacheableClaim(...args: CommandArguments): Promise<ClaimReply>
  cacheableExtend(...args: CommandArguments): Promise<unknown>
  cacheableFence(...args: CommandArguments): Promise<string>
  cacheableUnlistBuffer(...args: CommandArguments): Promise<readonly [keys: Buffer[], reached: Buffer | null]>
  cacheableCheckIn(...args: CommandArguments): Promise<readonly [now: number, oldest: number, lost: number]>
  readonly del: Cluster['del']
  readonly unlink: Cluster['unlink']
  readonly exists: Cluster['exists']
  readonly zrem: Cluster['zrem']
  readonly zrandmemberBuffer: Cluster['zrandmemberBuffer']
}
