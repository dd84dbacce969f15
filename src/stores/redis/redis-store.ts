import { realTime, sleep } from '../../tools/real-time.js'
import type { BrowsedPage, BrowseRequest } from '../browsing.js'
import { PackedValues } from '../dictionaries/packed-values.js'
import type { PackedRule } from '../dictionaries/rule-dictionary.js'
import type { Gathering } from '../gathering.js'
import type {
  Heartbeat,
  HeartbeatRequest,
  LeaseEnd,
  Lookup,
  LookupOptions,
  PutMode,
  PutOutcome,
  Selector,
  StoredValue,
  StoreObserver,
  TaggedEntry,
} from '../store.js'
import { StoreRefusal } from '../store-refusal.js'
import type { InvalidationListener, NotifyingStore } from '../tiered/tiered-store.js'
import { BROWSING_SCRIPTS } from './browsing-scripts.js'
import { GATHERING_SCRIPTS, nameProcesses } from './gathering-scripts.js'
import { PostedEvictions } from './posted-evictions.js'
import { browsePage, countKeys } from './redis-browsing.js'
import { RedisConnection, type RedisStoreOptions } from './redis-connection.js'
import { late, refused } from './redis-errors.js'
import { RedisEviction } from './redis-eviction.js'
import { RedisGathering } from './redis-gathering.js'
import { RedisLookups } from './redis-lookups.js'
import { RedisNames } from './redis-names.js'
import {
  fence,
  fill,
  handshake,
  heartbeat,
  put,
  REDIS_SCRIPTS,
  release,
  set,
  sweep,
} from './redis-scripts.js'
import { RedisShelf, SHELF_SCRIPTS } from './redis-shelf.js'
import { taggedEntries } from './redis-tagged.js'
import { ServerClock } from './server-clock.js'
import { newToken } from './tokens.js'

const FENCE_MS = 3_600_000
const SERVER_MS = 7 * 24 * 3_600_000
const SWEPT_AT_ONCE = 100
/** How long a `set` may be on its way at most: nobody shall wait for one that was lost as long as for one that is slow. */
const SET_WITHIN_MS = 750
/** What times in whole milliseconds may be wrong by. */
const CLOCK_STEP_MS = 2

/**
 * Values, leases and fences in one Redis, with replicas or without; `redis-names.ts` says what lies there, and
 * `redis-scripts.ts` why the store can trust it.
 *
 * @throws `E_CACHE_OPTION` for a client that has a key prefix of its own.
 */
export class RedisStore implements NotifyingStore {
  readonly kind = 'redis'
  readonly gathering: Gathering
  readonly #names: RedisNames
  readonly #connection: RedisConnection
  readonly #lookups: RedisLookups
  readonly #eviction: RedisEviction
  readonly #posted: PostedEvictions
  readonly #packedValues: PackedValues

  readonly #clock = new ServerClock()
  readonly #deadlineMs: number
  readonly #setWithinMs: number

  constructor(options: RedisStoreOptions) {
    this.#deadlineMs = options.deadlineMs
    this.#setWithinMs = Math.min(options.deadlineMs, SET_WITHIN_MS)
    const names = new RedisNames(options.keyPrefix)
    this.#names = names
    this.#connection = new RedisConnection({
      ...options,
      scripts: [...REDIS_SCRIPTS, ...BROWSING_SCRIPTS, ...GATHERING_SCRIPTS, ...SHELF_SCRIPTS],
      handshake: async (client) => {
        await handshake(client, names, { lifetimeMs: SERVER_MS })
        await this.#eviction.prepare(client)
      },
      sweep: () => this.#sweep(),
    })
    this.gathering = new RedisGathering({ connection: this.#connection, names })
    this.#packedValues = new PackedValues(
      new RedisShelf({ connection: this.#connection, keyPrefix: options.keyPrefix }),
    )
    this.#lookups = new RedisLookups({ connection: this.#connection, names })
    this.#eviction = new RedisEviction({ connection: this.#connection, names })
    this.#posted = new PostedEvictions({
      connection: this.#connection,
      send: (selectors) => this.#eviction.post(selectors),
    })
  }

  isAvailable(): boolean {
    return this.#connection.isAvailable()
  }

  ready(): Promise<void> {
    return this.#connection.ready()
  }

  post(selectors: readonly Selector[]): Promise<void> {
    return this.#posted.post(selectors)
  }

  alarm(): Promise<void> {
    return this.#connection.alarm()
  }

  observe(observer: StoreObserver): void {
    this.#connection.observe(observer)
  }

  onInvalidation(listener: InvalidationListener): void {
    this.#connection.onInvalidation(listener)
  }

  hit(): null {
    return null
  }

  async lookup(key: string, options: LookupOptions): Promise<Lookup> {
    const found = await this.#lookups.lookup(key, options)
    if (found.kind === 'none') throw refused(new Error('There is neither a value nor a lease'))
    if (found.kind === 'foreign') this.#connection.tellForeign(key, found.type)
    return this.#packedValues.unpackLookup(found)
  }

  async get(key: string): Promise<StoredValue | null> {
    const found = await this.#lookups.get(key)
    return found && this.#packedValues.unpack(found)
  }

  fill(
    key: string,
    lease: string,
    value: Buffer,
    ttlMs: number,
    tags?: readonly string[],
    packedRule?: PackedRule,
  ): Promise<boolean> {
    const stored = packedRule ? this.#packedValues.pack(packedRule, key, value, ttlMs) : value
    const filled = { key, token: lease, value: stored, ttlMs, channels: this.#connection.channels, tags }
    return this.#connection.execute((client) => fill(client, this.#writtenNames(key), filled))
  }

  release(key: string, lease: string, isUnshareable = false): Promise<void> {
    const end = isUnshareable ? 'unshareable' : 'ended'
    const released = { key, token: lease, channels: this.#connection.channels, end } as const
    return this.#connection.execute((client) => release(client, this.#names.entry(key), released))
  }

  waitForLease(_key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#connection.waitForLease(lease, timeoutMs)
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const done = await this.#evictIfItFails(key, this.#setInTime(key, value, ttlMs))
    if (done.hasVariants) await this.#eviction.evictVariants(key)
    if (done.outcome === 'foreign') this.#connection.tellForeign(key, done.foreignType)
    return done.outcome === 'stored'
  }

  fence(group: string, own = ''): Promise<string> {
    const drawn = { group, token: newToken(), lifetimeMs: FENCE_MS, own }
    return this.#connection.execute((client) => fence(client, this.#names, drawn))
  }

  async put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: PutMode,
    tags?: readonly string[],
  ): Promise<PutOutcome> {
    const written = { key, value, ttlMs, channels: this.#connection.channels, fence, mode, tags }
    const putting = this.#connection.execute((client) => put(client, this.#writtenNames(key), written))
    const { outcome, hasVariants, foreignType } =
      mode === 'if-absent' ? await putting : await this.#evictIfItFails(key, putting)
    if (outcome === 'foreign') {
      this.#connection.tellForeign(key, foreignType)
      return mode === 'if-absent' ? 'present' : 'refused'
    }
    if (mode === 'if-absent') return outcome
    if (outcome === 'refused') await this.evict([{ kind: 'key', key }])
    else if (hasVariants) await this.#eviction.evictVariants(key)
    return outcome
  }

  evict(selectors: readonly Selector[], settled?: string): Promise<number> {
    return this.#eviction.evict(selectors, settled)
  }

  tagged(tags: readonly string[], limit: number): Promise<readonly TaggedEntry[]> {
    return taggedEntries({ connection: this.#connection, names: this.#names }, tags, limit)
  }

  browse(request: BrowseRequest): Promise<BrowsedPage> {
    return browsePage({ connection: this.#connection, names: this.#names }, request)
  }

  count(prefix: string): Promise<number> {
    return countKeys({ connection: this.#connection, names: this.#names }, prefix)
  }

  intend(token: string, selectors: readonly Selector[], lifetimeMs: number): Promise<number> {
    return this.#eviction.intend(token, selectors, lifetimeMs)
  }

  async heartbeat(request: HeartbeatRequest): Promise<Heartbeat> {
    const { id, channels } = this.#connection
    const membership = { id, request, channels, serverMs: SERVER_MS }
    const said = await this.#connection.execute((client) => heartbeat(client, this.#names, membership))
    this.#clock.note(said.now)
    return said
  }

  name(own: string): Promise<string> {
    return this.#connection.execute((client) => nameProcesses(client, { name: this.#names.name }, { own }))
  }

  forgetLearned(isMeant: (text: string) => boolean): Promise<void> {
    return this.#packedValues.forget(isMeant)
  }

  async leave(): Promise<void> {
    await this.#connection.leave(this.#names)
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  /**
   * Stores a value, or nothing once the deadline is over. What comes too late by a clock that was read in a busy moment
   * is sent again with what the clock shows now.
   */
  async #setInTime(key: string, value: Buffer, ttlMs: number): ReturnType<typeof set> {
    const givenUpAt = realTime.now() + this.#deadlineMs
    for (;;) {
      const done = await this.#setOnce(key, value, ttlMs)
      if (done.outcome !== 'late') return done
      this.#clock.note(done.serverNow)
      if (realTime.now() > givenUpAt) throw late(key)
    }
  }

  /**
   * Stores a value, or nothing once it is too late. A value that was lost with its connection may still be on its way:
   * its writer hears of the loss only once it would be too late.
   */
  async #setOnce(key: string, value: Buffer, ttlMs: number): ReturnType<typeof set> {
    const { channels } = this.#connection
    let isVoidAt = 0
    try {
      return await this.#connection.execute(async (client) => {
        isVoidAt = realTime.now() + this.#setWithinMs + CLOCK_STEP_MS
        const notAfter = this.#clock.in(this.#setWithinMs)
        return await set(client, this.#writtenNames(key), { key, value, ttlMs, channels, notAfter })
      })
    } catch (error) {
      if (!(error instanceof StoreRefusal)) await sleep(Math.max(0, isVoidAt - realTime.now()))
      throw error
    }
  }

  /** If Redis refuses the new value, the old one must go all the same. */
  async #evictIfItFails<T>(key: string, writing: Promise<T>): Promise<T> {
    try {
      return await writing
    } catch (error) {
      await this.evict([{ kind: 'key', key }]).catch(() => {})
      throw error
    }
  }

  /** As Redis itself does with what has expired: a sample, and again at once while much of it is dead. */
  async #sweep(): Promise<void> {
    const { channels } = this.#connection
    const sample = { prefix: this.#names.prefix, count: SWEPT_AT_ONCE, lifetimeMs: SERVER_MS, channels }
    let [looked, dead] = [0, 0]
    do {
      ;({ looked, dead } = await this.#connection.execute((client) => sweep(client, this.#names, sample)))
    } while (dead > looked / 4)
  }

  #writtenNames(key: string) {
    const { fences, marks, intents } = this.#names
    const { index, value, lease, record } = this.#names.entry(key)
    return { index, value, lease, record, fences, marks, intents }
  }
}
