import type { Request } from 'express'
import type { Duration } from './duration.js'
import type { KeyFunction } from './key-function.js'
import type { StandardSchema } from './standard-schema.js'

/** Who may have an answer. `user` rules must name the user in their key, which is checked at start and for each request. */
export type Visibility = 'public' | 'shared' | 'user'

/** Options of `@Cacheable` and `cache.cacheable()`. */
export interface CacheableOptions {
  /** The TTL, where it does not stand beside the key. */
  readonly ttl?: Duration
  /**
   * Where a function gives the key: the pattern that all its keys are under, such as `'feed:*'`, so that the checks at start
   * know of them. Without it, they must begin with one fixed part that no other rule's keys begin with.
   */
  readonly keys?: string
  /** Whether this request uses the cache at all; `false` is a bypass. Runs before the lookup. */
  readonly condition?: (req: Request) => boolean
  /**
   * Whether an answer must not be stored. `result` is the parsed JSON of the answer, or `undefined` when it
   * is not JSON.
   */
  readonly unless?: (result: unknown, req: Request) => boolean
  /** Statuses that may be stored besides 200. */
  readonly statuses?: readonly number[]
  /** The name of a boolean added to a JSON object's answer: `false` on a miss, `true` on a hit. */
  readonly mark?: string
  /** Request headers that the answer depends on; each value of theirs has its own entry. */
  readonly vary?: readonly string[]
  /**
   * `public`: anyone may have the answer. `shared`: everyone whom the route lets in gets the same.
   * `user`: it is one user's own, so the key must contain a `{user.…}` placeholder; or, with `createCache({ user })`, what
   * that gives, from whatever source.
   * @defaultValue `'shared'`
   */
  readonly visibility?: Visibility
  /**
   * Whether a request may ask for an answer of now (`Cache-Control: no-cache`, `max-age=0`) or for one that is
   * not stored (`no-store`). Off by default, since it lets every client switch the cache off.
   */
  readonly honorRequestCacheControl?: boolean
  /**
   * For how long after its TTL an answer is still served while it is reloaded behind that (RFC 5861, section 3). A
   * rule that answers POST is reloaded by one request, which waits.
   */
  readonly staleWhileRevalidate?: Duration
  /** For how long after its TTL an answer stands in for a failed reload (status 500 and up). */
  readonly staleIfError?: Duration
  /**
   * How answers are kept. `true`: those of 1 KiB and more are kept compressed (Brotli), which is also how they are sent to
   * those who take that. `'dictionary'`: in Redis, JSON of up to 32 KiB takes less room by what the rule's answers have in
   * common, and is sent as the handler gave it. `redis-cli` then shows bytes, not JSON; `cache.get` reads them all the same.
   * @defaultValue false
   */
  readonly compress?: boolean | 'dictionary'
  /**
   * Whether hits are reloaded behind their answer a little before their TTL ends, at random and the earlier the longer
   * a load takes, so that a key in demand is reloaded before a request has to wait for it. Not for rules that answer POST.
   */
  readonly refreshAhead?: boolean
  /**
   * How many keys the rule may hold, against floods of made-up values. Once there are as many, requests for new
   * keys bypass the cache until some expire or are evicted; those that are there stay, and go on being served.
   *
   * A positive whole number. What counts are the keys in the store, of all processes, that begin like the rule's
   * template up to its first placeholder, so rules that begin alike share the count. What `cache.set`, `cache.warm`
   * and `@CachePut` store counts as well, but is not refused.
   * @defaultValue none
   */
  readonly maxKeys?: number
  /**
   * The version of what the rule answers. Entries of another are misses, so that two versions of a program may run at
   * once over one Redis; evictions of the key remove the entries of all. With one, entries lie under the key and
   * `#v=` with the version: `customer:42#v=2`, where `@CachePut`, `cache.set` and `cache.warm` do not put any.
   *
   * A text of letters, digits and `. _ ~ -`, or a whole number.
   * @defaultValue none
   */
  readonly version?: string | number
  /**
   * What the JSON of a stored answer must be like to be a hit: a schema of any library that speaks Standard Schema
   * (Zod, Valibot, ArkType, …), without asynchronous checks. What does not fit is discarded, and the request a miss.
   * @defaultValue none
   */
  readonly schema?: StandardSchema
  /**
   * What the answer was made from, so that `@CacheEvict({ tags })` and `cache.deleteTags` find it: templates as keys are,
   * in which `{result.…}` is taken from the JSON of the answer. One without a value keeps the answer from being stored;
   * `{result.author.id|none}` has a default. `cache.tag()` gives others while the handler runs.
   * @defaultValue none
   */
  readonly tags?: string | readonly string[]
  /**
   * The tables that the answer is made from, where nothing tracks its queries: `['customers', 'audit.changes']`. Whatever
   * says that it writes one of them removes it: `@CacheEvict({ writes })`, or a tracker. A table outside PostgreSQL's schema
   * `public` has its schema before it, and one of a tracker with a `database` that too: `'crm/customers'`.
   * @defaultValue none
   */
  readonly reads?: string | readonly string[]
}

/**
 * What follows from a commit that a tracker has seen: `evict` what was made from the written rows; or `check` whether what is
 * declared has evicted it, and tell what was forgotten.
 */
export type Dependencies = 'evict' | 'check'

/** What writes have in common. */
interface WriteOptions {
  /**
   * Whether what the write commits evicts what was made from it, or is only checked; in force where a tracker sees the
   * statements of the database.
   * @defaultValue that of the cache, which is `'evict'`
   */
  readonly dependencies?: Dependencies
  /**
   * Whether what the write will evict is told to Redis before the handler runs: it is removed, and nothing is stored under
   * it until the write is settled, or for `leaseMs` where the process dies. So nobody reads what was there before a write
   * that was committed and never answered. Costs a round trip ahead of the handler, and reads meanwhile run theirs.
   *
   * Keys and patterns that name the answer (`{result.id}`) cannot be told ahead.
   * @defaultValue that of the cache, which is `false`
   */
  readonly crashSafe?: boolean
}

/** Options of `@CachePut` and `cache.put()`. */
export interface CachePutOptions
  extends Pick<CacheableOptions, 'ttl' | 'condition' | 'unless' | 'tags' | 'reads'>,
    WriteOptions {}

/** Options of `@CacheEvict` and `cache.evict()`. */
export interface CacheEvictOptions extends WriteOptions {
  /** Whether this request evicts at all. Runs before the handler. */
  readonly condition?: (req: Request) => boolean
  /**
   * Evict also before the handler runs, whatever becomes of it. The eviction after a success stays: without
   * it, a reader in between would bring the old value back.
   */
  readonly before?: boolean
  /**
   * Tags whose entries go, beside the patterns: templates without `*`. Where a placeholder has no value, all tags go that
   * begin like the text before it.
   */
  readonly tags?: string | readonly string[]
  /**
   * Tables that the write changes, where nothing tracks its statements: what was made from any of their rows goes, that is
   * entries whose rule says so by `reads`, and those whose queries a tracker has seen. Written as in `reads`.
   */
  readonly writes?: string | readonly string[]
}

/** Options of `@CacheConfig`: what all rules of a class share. A method's own option wins. */
export interface CacheConfigOptions extends Omit<CacheableOptions, 'keys'> {
  /** Put in front of every key and pattern of the class: `'crm:'`. */
  readonly keyPrefix?: string
  /** The TTL of rules that give none. */
  readonly ttl?: Duration
}

/** Which processes of one service hear an event: one of them, or each. */
export type Delivery = 'once' | 'every-process'

/** Options of `@OnEvent`. */
export interface OnEventOptions {
  /**
   * Who hears the event where several processes run the same service. `once`: one of them, which is what a handler
   * wants that writes, and all that is needed where they share a Redis. `every-process`: each, which is what entries
   * want that each process keeps in its own memory; then the handler should do nothing but evict.
   * @defaultValue `'once'`
   */
  readonly delivery?: Delivery
}

/** What a decorator of routes recorded, or a call said; unchecked. */
export type RequestDeclaration =
  | {
      readonly kind: 'cacheable'
      readonly key: string | KeyFunction
      readonly ttl: Duration | undefined
      readonly options: CacheableOptions
    }
  | {
      readonly kind: 'put'
      readonly key: string
      readonly ttl: Duration | undefined
      readonly options: CachePutOptions
    }
  | {
      readonly kind: 'evict'
      readonly patterns: string | readonly string[]
      readonly options: CacheEvictOptions
    }

/** What `@OnEvent` recorded, unchecked. */
export interface EventDeclaration {
  readonly kind: 'event'
  readonly topic: string
  readonly eventType: string
  readonly options: OnEventOptions
}

export type Declaration = RequestDeclaration | EventDeclaration
