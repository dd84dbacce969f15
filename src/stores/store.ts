import type { BrowsedPage, BrowseRequest } from './browsing.js'
import type { PackedRule } from './dictionaries/rule-dictionary.js'
import type { Gathering } from './gathering.js'

/** Bytes found under a key, and how long they still live. */
export interface StoredValue {
  readonly value: Buffer
  /** Milliseconds until the key expires; always positive. */
  readonly remainingMs: number
  /** What the entry carries, where the store was asked for it or knows anyway. */
  readonly tags?: readonly string[] | undefined
}

/**
 * What a reader gets to know in one round trip.
 *
 * - `hit`: a value that may be served.
 * - `lease`: nothing fresh is there, and the caller alone may fill the key while its lease stands.
 * - `busy`: nothing fresh is there, and another reader holds the lease named here.
 * - `full`: the key is not held, and as many others are as the key limit allows. Nothing stale can be there, since a
 *   key with a stale value is held.
 *
 * - `intended`: nothing is there, and nobody may fill the key, since a write is under way that will evict it.
 * - `foreign`: what is there is of a type that is not the cache's, which leaves it alone. Nobody may fill the key.
 *
 * `stale` is a value inside its grace period, if there is one.
 */
export type Lookup =
  | ({ readonly kind: 'hit' } & StoredValue)
  | { readonly kind: 'lease'; readonly lease: string; readonly stale: StoredValue | null }
  | { readonly kind: 'busy'; readonly lease: string; readonly stale: StoredValue | null }
  | { readonly kind: 'full' }
  | { readonly kind: 'intended' }
  | { readonly kind: 'foreign'; readonly type: string }

/**
 * How many keys that begin with a text lookups may come to hold.
 *
 * A key is held while it has a value, fresh or stale, or a lease, and until the store notices that both are over.
 * All held keys with the prefix count, whoever stored them and in whichever process; `set` and `put` are not
 * refused, but count. A held key adds nothing, so it gets its lease also when the limit is reached.
 *
 * Dead keys do not use the places up: a store that finds the limit reached looks at some of the keys with the
 * prefix, drops the dead and counts again, at a cost that does not grow with how many it holds.
 */
export interface KeyLimit {
  readonly prefix: string
  readonly maxKeys: number
}

/**
 * How the wait for another reader's lease ended.
 *
 * - `ended`: the lease has gone: look up again.
 * - `unshareable`: the same, and what its holder loaded was for the holder alone; others have to load for themselves.
 * - `timeout`: no notice came in time. The lease may have ended all the same.
 */
export type LeaseEnd = 'ended' | 'unshareable' | 'timeout'

export interface LookupOptions {
  /** How long a granted lease stands, in milliseconds. */
  readonly leaseMs: number
  /** A value with no more than this left to live is stale, not fresh. 0: there is no grace. */
  readonly graceMs: number
  /** Whether a fresh value is wanted with its tags alone: without a record of them it is as good as missing. */
  readonly needsTags?: boolean | undefined
  /** Without one, every key gets a lease. */
  readonly keyLimit?: KeyLimit | undefined
}

/**
 * Keys that an eviction removes.
 *
 * - `key`: that key and its variants (`key#…`, see `vary`), nothing else.
 * - `pattern`: a rendered pattern, see `matchesPattern`.
 * - `glob`: a raw Redis glob, as `KEYS` reads it. One that covers a key covers its variants.
 * - `naming`: in which one of these words stands by itself, see `wordFinder`.
 */
export type KeySelector =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'glob'; readonly glob: string }
  | { readonly kind: 'naming'; readonly words: readonly string[] }

/**
 * Tags whose entries an eviction removes: `tag` is one, `tags` are all that begin like this, `tags-naming` all in which
 * one of these words stands by itself. A load or a put that began before it stores nothing, if it turns out to carry one
 * of them.
 */
export type TagSelector =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'tags'; readonly prefix: string }
  | { readonly kind: 'tags-naming'; readonly words: readonly string[] }

/** What an eviction removes. */
export type Selector = KeySelector | TagSelector

/** An entry that carries a tag. */
export interface TaggedEntry {
  readonly key: string
  /** What is stored later under the key has another, unless that is in the same millisecond. */
  readonly identity: string
  /** Those that it carries of the tags which were asked for. */
  readonly tags: readonly string[]
}

/**
 * How `put` treats what is under the key.
 *
 * - `replace`: it overwrites as `set` does, and takes the leases and the fence away, since two such writers may finish
 *   in the wrong order; when the fence has fallen it evicts the key.
 * - `if-absent`: it keeps what is there, leaves leases and fence alone, and does nothing when the fence has fallen.
 */
export type PutMode = 'replace' | 'if-absent'

/**
 * What `put` did: `stored`; `present` (`if-absent` only: a value is there, or a reader is loading one); or `refused`
 * (the fence has fallen).
 */
export type PutOutcome = 'stored' | 'present' | 'refused'

/** A question to all processes that share the store, whether they have pending evictions. */
export interface RollCall {
  readonly number: number
  /** Since when it has been wanted, by the clock of the store, in milliseconds. */
  readonly begunAt: number
}

/** What a process says with a heartbeat, beside that it has no pending evictions. */
export interface HeartbeatRequest {
  /** The newest roll call that it had heard of when it last looked that none are pending; 0 if of none. */
  readonly heard: number
  /** Its own roll call: the one that goes on, `begin` for a new one, or `none`. */
  readonly rollCall: RollCall | 'begin' | 'none'
}

export interface Heartbeat {
  /** By the clock of the store, in milliseconds. */
  readonly now: number
  /** The number of the newest roll call. */
  readonly newestCall: number
  /**
   * The sender's own roll call, if it asked for one: another than it named, where that was lost. The one behind the newest
   * has not begun: where many call, they share one.
   */
  readonly rollCall: RollCall | null
  /** At least how many other processes have not answered it; 0 if all have. */
  readonly missing: number
  /** Whether the store knew the sender; where it has lost that, it may have lost the others too. */
  readonly wasKnown: boolean
  /** Whether somebody looks, and wants to hear what the processes say of themselves; see `Gathering`. */
  readonly isWatched: boolean
}

/** What a store tells of by itself. */
export interface StoreObserver {
  /**
   * A command was not answered in time, the connection was lost, or another process has raised the alarm: evictions by
   * others may not have got through.
   */
  touchLost(): void
  /** What is under a key is not the cache's, which has left it alone. */
  foreignFound(key: string, type: string): void
  /** Another process calls the roll. */
  rollCalled(number: number): void
}

/**
 * Where values live. It knows keys, bytes, leases and time; no HTTP.
 *
 * Two tokens keep old values out (Nishtala et al., "Scaling Memcache at Facebook", 2013, section 3.2.1):
 *
 * - A *lease* belongs to one reader and one key. A fill succeeds only while its lease stands.
 * - A *fence* belongs to a group of keys (those with the same first segment) and to everyone who asks for
 *   it. It is for values whose key is not known before they are computed.
 *
 * Evictions, `set` and a successful `put` take both away. A token that is missing never counts as a match.
 *
 * Every method of a remote store rejects with `E_CACHE_STORE_UNAVAILABLE` within its deadline when the
 * store does not answer.
 */
export interface Store {
  readonly kind: 'memory' | 'redis'

  /** Left out by a store that no other process shares. */
  readonly gathering?: Gathering | undefined

  /** Whether the last attempt to reach the store succeeded. */
  isAvailable(): boolean

  /** Settles at the first success or failure to reach the store; never rejects. */
  ready(): Promise<void>

  /**
   * A value with more than `graceMs` left to live, if this process holds it itself and may serve it without asking.
   * `null` means that the caller has to ask the store, not that there is none.
   */
  hit(key: string, graceMs: number): StoredValue | null

  /** A fresh value; or a lease to fill the key; or whose lease stands; or that the key limit leaves no room. */
  lookup(key: string, options: LookupOptions): Promise<Lookup>

  /** A value, fresh or in its grace period; takes no lease. */
  get(key: string): Promise<StoredValue | null>

  /**
   * Stores a loaded value if the lease still stands, and ends the lease.
   *
   * @param tags - What the entry is to carry; if one of them has been evicted since the lease was given, nothing is
   *   stored, and the lease ends.
   * @param packedRule - Whose dictionary a remote store may pack the value with; it gives the value as it was.
   * @returns Whether it was stored.
   */
  fill(
    key: string,
    lease: string,
    value: Buffer,
    ttlMs: number,
    tags?: readonly string[],
    packedRule?: PackedRule,
  ): Promise<boolean>

  /**
   * Gives a lease back unused, so that the next reader gets one at once.
   * @param isUnshareable - Whether those who wait for it shall load for themselves, each on its own.
   */
  release(key: string, lease: string, isUnshareable?: boolean): Promise<void>

  /**
   * Waits until a fill, a release or an eviction has ended the lease that a lookup found on the key. Whoever ends the
   * lease notifies those who wait, so they do not poll; a holder that died notifies no one, which is what the time is
   * for. Never rejects.
   */
  waitForLease(key: string, lease: string, timeoutMs: number): Promise<LeaseEnd>

  /**
   * Stores a value that is newer than anything loaded before: leases, the group's fence and the key's
   * variants fall. If the store refuses the value, the old one is gone all the same. It carries the tags that the old
   * one carries.
   * @returns Whether it was stored; if not, what is there is not the cache's, or an intent stands.
   */
  set(key: string, value: Buffer, ttlMs: number): Promise<boolean>

  /**
   * A token that stands until an eviction or a write touches the group; while the intent of another than `own` does, one
   * that has fallen already. `group`: see `groupOf`.
   */
  fence(group: string, own?: string): Promise<string>

  /**
   * Stores a value computed behind a fence if the fence still stands.
   *
   * @param tags - What the entry is to carry; the fence has fallen if one of them has been evicted since it was asked
   *   for. Left out: what the old one carries.
   */
  put(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    mode: PutMode,
    tags?: readonly string[],
  ): Promise<PutOutcome>

  /**
   * Removes values, leases and fences. Once it has resolved, no load that began before it can store.
   *
   * @param settled - The token of an intent that ends with it.
   * @returns How many values were removed.
   */
  evict(selectors: readonly Selector[], settled?: string): Promise<number>

  /**
   * The entries that carry one of these tags and can be served, fresh or in their grace period; of more than `limit`, some.
   * Changes nothing, and is no use of theirs.
   */
  tagged(tags: readonly string[], limit: number): Promise<readonly TaggedEntry[]>

  /**
   * Entries whose keys begin alike, for people who look: those that have a value, fresh or in its grace period. Changes
   * nothing, is no use of theirs, and takes several short commands rather than a long one.
   */
  browse(request: BrowseRequest): Promise<BrowsedPage>

  /**
   * How many held keys begin with a text: with a value or a lease, or both over and not noticed yet. For people who look:
   * where many processes write meanwhile, it is nearly so many.
   */
  count(prefix: string): Promise<number>

  /**
   * Says ahead what a write will evict: removes it, and lets nothing be stored under it until an eviction settles the
   * intent, or until it is void. So a writer that dies between its commit and its eviction leaves nothing old.
   *
   * A store that ends with its writers has none of this.
   *
   * @param token - Of the intent; unlike any other.
   * @param lifetimeMs - After that it is void, by the clock of the store.
   * @returns How many values were removed.
   */
  intend?(token: string, selectors: readonly Selector[], lifetimeMs: number): Promise<number>

  /**
   * Sends an eviction to a store that does not answer, and waits for no answer: where the connection stands, it lies
   * there ahead of whatever others send later, and happens before that. What the store cannot do in one go may become an
   * eviction of everything.
   *
   * @returns Resolves once it is on its way, or cannot be sent; never rejects.
   */
  post(selectors: readonly Selector[]): Promise<void>

  /**
   * Tells all processes that the store has refused an eviction, which they may not have noticed: they are out of touch.
   *
   * @returns Resolves once they have been told, or cannot be; never rejects.
   */
  alarm(): Promise<void>

  /**
   * A name that the processes which share the store have in common, and no others have: that of whoever asks first. It is
   * kept for a day; lost before with all else that the store has lost, it is another from then on.
   *
   * @param own - A random text of 16 characters out of `0-9a-f`.
   */
  name(own: string): Promise<string>

  /**
   * Forgets the values that dictionaries are learned from, and the dictionaries whose text is meant: what is packed with
   * them cannot be read any more. Left out by a store that packs nothing.
   */
  forgetLearned?(isMeant: (text: string) => boolean): Promise<void>

  /** Sets the one observer, before the first command. */
  observe(observer: StoreObserver): void

  /**
   * Says that this process has no pending evictions, and learns the same of the others that share the store.
   *
   * A process that has not said so for some seconds, or does not answer a roll call, has expired, and may have had
   * evictions pending: all that was stored counts as missing from then on.
   */
  heartbeat(request: HeartbeatRequest): Promise<Heartbeat>

  /** Ends this process's membership, so that the others do not take its silence for a crash. */
  leave(): Promise<void>

  /** Ends connections and timers. The caller must not use the store afterwards. */
  close(): Promise<void>
}

/** The group a key belongs to, and all its variants with it: its first segment. */
export function groupOf(key: string): string {
  const end = key.search(/[:#]/)
  return end === -1 ? key : key.slice(0, end)
}
