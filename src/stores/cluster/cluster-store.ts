import type { BrowsedPage, BrowseRequest } from '../browsing.js'
import { PackedValues } from '../dictionaries/packed-values.js'
import type { PackedRule } from '../dictionaries/rule-dictionary.js'
import type { Gathering } from '../gathering.js'
import type { Command } from '../redis/command-executor.js'
import type { ScriptClient } from '../redis/define-script.js'
import { GATHERING_SCRIPTS, nameProcesses } from '../redis/gathering-scripts.js'
import { PostedEvictions } from '../redis/posted-evictions.js'
import { RedisConnection, type RedisStoreOptions } from '../redis/redis-connection.js'
import { RedisGathering } from '../redis/redis-gathering.js'
import type { LookupRequest } from '../redis/redis-scripts.js'
import { RedisShelf, SHELF_SCRIPTS } from '../redis/redis-shelf.js'
import { SharedLookups } from '../redis/shared-lookups.js'
import { newToken } from '../redis/tokens.js'
import type {
  Heartbeat,
  HeartbeatRequest,
  LeaseEnd,
  Lookup,
  LookupOptions,
  PutMode,
  PutOutcome,
  Selector,
  Store,
  StoredValue,
  StoreObserver,
  TaggedEntry,
} from '../store.js'
import { browsePage, countKeys } from './cluster-browsing.js'
import { CLUSTER_BROWSING_SCRIPTS } from './cluster-browsing-scripts.js'
import { ClusterEntries, type Holder } from './cluster-entries.js'
import { ClusterEviction } from './cluster-eviction.js'
import { ClusterIndex } from './cluster-index.js'
import { ClusterNames } from './cluster-names.js'
import { CLUSTER_SCRIPTS, fence, heartbeat, type ListInput } from './cluster-scripts.js'
import { CLUSTER_TAG_SCRIPTS } from './cluster-tag-scripts.js'
import { taggedEntries } from './cluster-tagged.js'
import { ClusterWrites } from './cluster-writes.js'
import { DeadKeys } from './dead-keys.js'
import { IN_BATCHES, IN_ONE_GO } from './eviction-budget.js'
import { fillEntry } from './fill-entry.js'
import { KeyAcquisition } from './key-acquisition.js'
import { type Entered, LoadBeginnings } from './load-beginnings.js'
import { releaseLease } from './release-lease.js'

const FENCE_MS = 3_600_000

/**
 * Values, leases and fences in a Redis Cluster; see `cluster-scripts.ts` for why the store can trust them.
 *
 * A value lies in the slot that its key gives it, and the part of the index that lists it in another. So a hit asks
 * two servers at once, and a load begins after three round trips.
 */
export class ClusterStore implements Store {
  readonly kind = 'redis'
  readonly gathering: Gathering
  readonly #names: ClusterNames
  readonly #connection: RedisConnection
  readonly #entries: ClusterEntries
  readonly #index: ClusterIndex
  readonly #deadKeys: DeadKeys
  readonly #eviction: ClusterEviction
  readonly #posted: PostedEvictions
  readonly #writes: ClusterWrites
  readonly #packedValues: PackedValues
  readonly #beginnings = new LoadBeginnings()
  readonly #shared: SharedLookups<Lookup>

  constructor(options: RedisStoreOptions) {
    const names = new ClusterNames(options.keyPrefix)
    const connection = new RedisConnection({
      ...options,
      scripts: [
        ...CLUSTER_SCRIPTS,
        ...CLUSTER_TAG_SCRIPTS,
        ...CLUSTER_BROWSING_SCRIPTS,
        ...GATHERING_SCRIPTS,
        ...SHELF_SCRIPTS,
      ],
      sweep: () => this.#sweep(),
    })
    const entries = new ClusterEntries(names, connection.channels.leases)
    const index = new ClusterIndex(names)
    const eviction = new ClusterEviction({
      execute: (command) => connection.execute(command),
      names,
      entries,
      budget: IN_BATCHES,
    })
    const posting = new ClusterEviction({
      execute: (command) => posted(connection, command),
      names,
      entries,
      budget: IN_ONE_GO,
    })
    this.#names = names
    this.#connection = connection
    this.#entries = entries
    this.#index = index
    this.gathering = new RedisGathering({ connection, names })
    this.#deadKeys = new DeadKeys(entries, index)
    this.#eviction = eviction
    this.#posted = new PostedEvictions({ connection, send: (selectors) => posting.evict(selectors) })
    this.#packedValues = new PackedValues(new RedisShelf({ connection, keyPrefix: options.keyPrefix }))
    this.#writes = new ClusterWrites({ connection, entries, index, eviction })
    this.#shared = new SharedLookups(
      (act) => connection.atEndOfTurn(act),
      (pending) =>
        Promise.all(
          pending.map(({ request, resolve, reject }) => this.#acquire(request).then(resolve, reject)),
        ),
    )
  }

  isAvailable(): boolean {
    return this.#connection.isAvailable()
  }

  ready(): Promise<void> {
    return this.#connection.ready()
  }

  /**
   * The script that takes a key out of the index lies in the socket of its server, ahead of what others ask there later.
   * No order between servers is needed: what is then removed elsewhere does not count any more.
   */
  post(selectors: readonly Selector[]): Promise<void> {
    return this.#posted.post(selectors)
  }

  alarm(): Promise<void> {
    return this.#connection.alarm()
  }

  observe(observer: StoreObserver): void {
    this.#connection.observe(observer)
  }

  hit(): null {
    return null
  }

  async lookup(
    key: string,
    { leaseMs, graceMs, keyLimit, needsTags = false }: LookupOptions,
  ): Promise<Lookup> {
    const token = this.#connection.newToken()
    const found = await this.#shared.ask({ key, token, leaseMs, graceMs, keyLimit, needsTags })
    return this.#packedValues.unpackLookup(found)
  }

  async get(key: string): Promise<StoredValue | null> {
    const found = await this.#connection.execute(async (client) => {
      const read = () => this.#entries.read(client, key)
      const { found, isListed } = await this.#index.withListing(client, key, read)
      return isListed ? found : null
    })
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
    const began = this.#beginnings.take(lease)
    const stored = packedRule ? this.#packedValues.pack(packedRule, key, value, ttlMs) : value
    const filled = { ...this.#lease(key, lease), value: stored, ttlMs, tags, began }
    return this.#connection.execute((client) => fillEntry(client, filled))
  }

  release(key: string, lease: string, isUnshareable = false): Promise<void> {
    this.#beginnings.take(lease)
    const end = isUnshareable ? 'unshareable' : 'ended'
    return this.#connection.execute((client) => releaseLease(client, this.#lease(key, lease), end))
  }

  waitForLease(_key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#connection.waitForLease(lease, timeoutMs)
  }

  /** What something newer has taken the place of counts as stored before that. */
  async set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    const written = await this.#writes.overwrite({ key, value, ttlMs, fence: null })
    if (written.outcome === 'foreign') this.#connection.tellForeign(key, written.type)
    return written.outcome !== 'foreign'
  }

  fence(group: string): Promise<string> {
    const drawn = { group, token: newToken(), lifetimeMs: FENCE_MS }
    return this.#connection.execute((client) => fence(client, this.#names.shardOf(group), drawn))
  }

  async put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: PutMode,
    tags?: readonly string[],
  ): Promise<PutOutcome> {
    const put = { key, value, ttlMs, fence, tags }
    const isOptional = mode === 'if-absent'
    const written = isOptional ? await this.#writes.putIfAbsent(put) : await this.#writes.overwrite(put)
    if (written.outcome === 'foreign') {
      this.#connection.tellForeign(key, written.type)
      return isOptional ? 'present' : 'refused'
    }
    if (!isOptional && written.outcome === 'refused') await this.evict([{ kind: 'key', key }])
    return written.outcome
  }

  evict(selectors: readonly Selector[]): Promise<number> {
    return this.#eviction.evict(selectors)
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

  /** Nobody can say what an expired process had pending: the index and the fences go with it. */
  heartbeat(request: HeartbeatRequest): Promise<Heartbeat> {
    const { id, channels } = this.#connection
    return this.#connection.execute(async (client) => {
      const { said, expired } = await heartbeat(client, this.#names, { id, request, channels })
      if (expired > 0) {
        const bookkeeping = this.#names.shards.flatMap(({ index, fences }) => [index, fences])
        await Promise.all(bookkeeping.map((name) => client.unlink(name)))
      }
      return said
    })
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

  #acquire({ key, token, leaseMs, graceMs, keyLimit, needsTags }: LookupRequest): Promise<Lookup> {
    const lease = this.#lease(key, token)
    return this.#connection.execute(
      async (client): Promise<Lookup> => {
        const enter = (mustBeListed: boolean) =>
          this.#enter(client, { key, lifetimeMs: leaseMs, mustBeListed, keyLimit })
        const options = { ...lease, leaseMs, graceMs, needsTags, enter }
        const acquired = await new KeyAcquisition(client, options).run()
        if (acquired.kind === 'foreign') this.#connection.tellForeign(key, acquired.type)
        if (acquired.kind === 'refused') return { kind: 'full' }
        if (acquired.kind !== 'lease') return acquired
        const { stale, entered } = acquired
        this.#beginnings.note(acquired.lease, entered, { isRenewal: stale !== null, leaseMs })
        return { kind: 'lease', lease: acquired.lease, stale }
      },
      (client) => releaseLease(client, lease, 'ended'),
    )
  }

  /** Enters a key that is being looked up, unless as many are held as its limit allows. */
  async #enter(client: ScriptClient, entered: Omit<ListInput, 'incarnation'>): Promise<Entered> {
    const { key, keyLimit } = entered
    const listed = { ...entered, keyLimit: await this.#index.limitOfShard(client, key, keyLimit) }
    const first = await this.#index.list(client, listed)
    if (first.outcome !== 'full') return first
    await this.#deadKeys.unlist(client, first.held)
    const again = await this.#index.list(client, listed)
    return again.outcome === 'full' ? { outcome: 'refused' } : again
  }

  async #sweep(): Promise<void> {
    for (const shard of this.#names.shards) {
      await this.#deadKeys.sweep(shard, (command) => this.#connection.execute(command))
    }
  }

  #lease(key: string, token: string): Holder & { entries: ClusterEntries; index: ClusterIndex } {
    return { key, token, entries: this.#entries, index: this.#index }
  }
}

async function posted<T>(connection: RedisConnection, command: Command<T>): Promise<T> {
  const reply = connection.post(command)
  if (reply === null) throw new Error('There is no connection')
  return reply
}
