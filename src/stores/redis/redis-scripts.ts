import { REDIS_LUA } from '../lua/scripts.generated.js'
import { groupOf, type KeyLimit, type KeySelector, type PutMode, type PutOutcome } from '../store.js'
import { INVALIDATE_ALL, invalidationMessage } from '../tiered/invalidation-message.js'
import type { Channels } from './channels.js'
import { defineScript, type ScriptArgument } from './define-script.js'
import { leaseEndSuffix, type PublishedEnd } from './lease-messages.js'
import type { RawLookups } from './lookup-reply.js'
import { decodeHeartbeat, type Membership, membershipArguments } from './membership.js'
import { wholeMs } from './script-fields.js'
import { evictionArguments, type FallingFences, type ScriptSelector } from './script-selector.js'

/*
 * What the Redis store does on the server, one round trip each. `RedisNames` says what lies there.
 *
 * Redis may drop any of it at any time (`allkeys-lru`, a FLUSHALL), and others may write what they like under our names.
 * Two rules keep that from ever making a later hit stale:
 *
 * - A value or a lease whose key the index does not list is not trusted, as if it were not there: an eviction could not
 *   have found it. Whoever lists the key anew removes what was there before.
 * - A token that is missing matches nothing.
 */

/** A token of lookups that want no lease. */
export const NO_LEASE = ''

/** One of the lookups of a turn. */
export interface LookupRequest {
  readonly key: string
  /** Of the lease, if the key gets one; or `NO_LEASE`. */
  readonly token: string
  readonly leaseMs: number
  readonly graceMs: number
  readonly keyLimit: KeyLimit | undefined
  readonly needsTags: boolean
}

interface LookupBatch {
  readonly prefix: string
  /** Whether another command behind this one brings the bytes. */
  readonly isApart: boolean
  readonly requests: readonly LookupRequest[]
}

export const lookup = defineScript({
  command: 'cacheableLookup',
  source: REDIS_LUA.lookup,
  keys: ['index', 'marks', 'intents'],
  encode({ prefix, isApart, requests }: LookupBatch) {
    const args: ScriptArgument[] = [prefix, isApart ? 1 : '']
    for (const { key, token, leaseMs, graceMs, keyLimit, needsTags } of requests) {
      args.push(key, token, leaseMs, graceMs, keyLimit?.prefix ?? '', keyLimit?.maxKeys ?? '')
      args.push(needsTags ? 1 : '')
    }
    return args
  },
  decode: (raw: RawLookups) => raw,
  isBinary: true,
})

export const fill = defineScript({
  command: 'cacheableFill',
  source: REDIS_LUA.fill,
  keys: ['index', 'value', 'lease', 'record', 'intents', 'marks'],
  encode: ({ key, token, value, ttlMs, channels, tags }: Written & Tagged & { token: string }) => [
    key,
    token,
    value,
    wholeMs(ttlMs),
    channels.leases,
    channels.evictions,
    ...tagArguments(tags),
  ],
  decode: (stored: number) => stored === 1,
})

export const release = defineScript({
  command: 'cacheableRelease',
  source: REDIS_LUA.release,
  keys: ['index', 'value', 'lease'],
  encode: ({ key, token, channels, end }: Released) => [key, token, channels.leases, leaseEndSuffix(end)],
  decode: () => {},
})

export const set = defineScript({
  command: 'cacheableSet',
  source: REDIS_LUA.set,
  keys: ['index', 'value', 'lease', 'fences', 'intents', 'marks'],
  encode: ({ notAfter, ...written }: Written & { notAfter: number | null }) => [
    ...writtenArguments(written),
    notAfter ?? '',
  ],
  decode: ([outcome, found]: ['stored' | 'late' | 'intended' | 'foreign', (number | string)?]) => ({
    outcome,
    hasVariants: outcome === 'stored' && found === 1,
    foreignType: String(found),
    serverNow: Number(found),
  }),
})

export const put = defineScript({
  command: 'cacheablePut',
  source: REDIS_LUA.put,
  keys: ['index', 'value', 'lease', 'fences', 'record', 'intents', 'marks'],
  encode: ({ fence, mode, tags, ...written }: Written & Tagged & { fence: string; mode: PutMode }) => [
    ...writtenArguments(written),
    fence,
    mode,
    ...tagArguments(tags),
  ],
  decode: ([outcome, found]: [PutOutcome | 'foreign', (number | string)?]) => ({
    outcome,
    hasVariants: found === 1,
    foreignType: String(found),
  }),
})

export const fence = defineScript({
  command: 'cacheableFence',
  source: REDIS_LUA.fence,
  keys: ['fences', 'marks', 'intents'],
  encode: ({ group, token, lifetimeMs, own }: NewFence) => [group, token, lifetimeMs, own],
  decode: (token: string) => token,
})

export const evict = defineScript({
  command: 'cacheableEvict',
  source: REDIS_LUA.evict,
  keys: ['index', 'fences', 'marks', 'intents'],
  encode: (batch: EvictionBatch) => [
    batch.prefix,
    batch.channels.leases,
    batch.channels.evictions,
    batch.message,
    batch.budget,
    batch.cursor,
    batch.beyondBudget,
    batch.intent?.token ?? '',
    batch.intent?.lifetimeMs ?? '',
    ...evictionArguments(batch.fences, batch.selectors),
  ],
  decode: ([removed, done, cursor, byTag]: EvictReply): EvictedBatch => ({
    removed,
    rest: done === null || cursor === null ? null : { done, cursor },
    byTag: Array.isArray(byTag) ? byTag.map((key) => ({ kind: 'key', key: String(key) })) : ALL_KEYS,
  }),
  isBinary: true,
})

export const tagged = defineScript({
  command: 'cacheableTagged',
  source: REDIS_LUA.tagged,
  keys: ['index'],
  encode: ({ prefix, budget, after, tags }: TagSearch) => [prefix, budget, after, ...tags],
  decode: ([found, done, after]: TaggedReply): FoundByTags => ({
    found: entriesIn(found),
    rest: done === null || after === null ? null : { done, after },
  }),
  isBinary: true,
})

export const sweep = defineScript({
  command: 'cacheableSweep',
  source: REDIS_LUA.sweep,
  keys: ['index', 'server', 'marks'],
  encode: ({ prefix, count, lifetimeMs, channels }: Sample) => [
    prefix,
    count,
    lifetimeMs,
    channels.evictions,
  ],
  decode: ([looked, dead]: [number, number]) => ({ looked, dead }),
})

export const heartbeat = defineScript({
  command: 'cacheableHeartbeat',
  source: REDIS_LUA.heartbeat,
  keys: ['members', 'index', 'fences', 'calls', 'server', 'watch'],
  encode: ({ serverMs, ...membership }: Membership & { serverMs: number }) => [
    ...membershipArguments(membership),
    serverMs,
    membership.channels.evictions,
    INVALIDATE_ALL,
  ],
  decode: decodeHeartbeat,
})

export const handshake = defineScript({
  command: 'cacheableHandshake',
  source: REDIS_LUA.handshake,
  keys: ['index', 'fences', 'calls', 'server'],
  encode: ({ lifetimeMs }: { lifetimeMs: number }) => [lifetimeMs],
  decode: () => {},
})

export const REDIS_SCRIPTS = [
  lookup,
  fill,
  release,
  set,
  fence,
  put,
  evict,
  tagged,
  sweep,
  heartbeat,
  handshake,
]

interface Written {
  readonly key: string
  readonly value: Buffer
  readonly ttlMs: number
  readonly channels: Channels
}

interface Tagged {
  /** Left out: the entry has none; what is put keeps those of the old one. */
  readonly tags: readonly string[] | undefined
}

interface Sample {
  readonly prefix: string
  readonly count: number
  readonly lifetimeMs: number
  readonly channels: Channels
}

/** The last are the keys that were removed by their tags; or that all were. */
type EvictReply = [removed: number, done: number | null, cursor: Buffer | null, byTag: Buffer[] | Buffer]

export interface TagSearch {
  readonly prefix: string
  /** How much the script may look at. */
  readonly budget: number
  /** The key behind which to go on in the first tag; empty: at its beginning. */
  readonly after: string | Buffer
  readonly tags: readonly string[]
}

export interface FoundByTags {
  readonly found: readonly {
    /** The place of the tag among those looked for. */
    readonly nth: number
    readonly key: string
    /** When the entry expires, by the clock of the server. */
    readonly expiry: string
  }[]
  /** If there may be more: how many tags are done, and where to go on in the next one. */
  readonly rest: { readonly done: number; readonly after: Buffer } | null
}

type TaggedReply = [found: (number | Buffer)[], done: number | null, after: Buffer | null]

const ALL_KEYS: readonly KeySelector[] = [{ kind: 'glob', glob: '*' }]

interface Released {
  readonly key: string
  readonly token: string
  readonly channels: Channels
  readonly end: PublishedEnd
}

interface NewFence {
  readonly group: string
  /** Drawn in case that the group has none. */
  readonly token: string
  readonly lifetimeMs: number
  /** Of the caller's intent; empty if it has none. */
  readonly own: string
}

export interface EvictionBatch {
  readonly prefix: string
  readonly channels: Channels
  /** For the processes that hold copies; see `invalidation-message.ts`. Empty: there is nothing to tell. */
  readonly message: string
  /** How many keys the script may look at. */
  readonly budget: number
  /** The invalidation message of all keys, if all go beyond the budget; empty if the caller goes on. */
  readonly beyondBudget: string
  /** Where in the first selector the last batch stopped; empty: at its beginning. */
  readonly cursor: string | Buffer
  readonly fences: FallingFences
  readonly selectors: readonly ScriptSelector[]
  /** The intent that begins with this, or ends: then it has no life. */
  readonly intent: { readonly token: string; readonly lifetimeMs: number | null } | null
}

export interface EvictedBatch {
  /** How many values went. */
  readonly removed: number
  /** If there may be more: how many selectors are done, and the cursor in the next one. */
  readonly rest: { readonly done: number; readonly cursor: Buffer } | null
  /** What was removed by tags. */
  readonly byTag: readonly KeySelector[]
}

function entriesIn(found: readonly (number | Buffer)[]): FoundByTags['found'] {
  const entries = []
  for (let at = 0; at < found.length; at += 3) {
    const [nth, key, expiry] = found.slice(at, at + 3)
    entries.push({ nth: Number(nth), key: String(key), expiry: String(expiry) })
  }
  return entries
}

function tagArguments(tags: readonly string[] | undefined): readonly ScriptArgument[] {
  return tags === undefined ? [0] : [1, ...tags]
}

/** See overwrite.lua. */
function writtenArguments({ key, value, ttlMs, channels }: Written): readonly ScriptArgument[] {
  return [
    key,
    groupOf(key),
    value,
    wholeMs(ttlMs),
    channels.leases,
    channels.evictions,
    invalidationMessage([{ kind: 'key', key }]),
  ]
}
