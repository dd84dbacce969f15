import { CLUSTER_LUA } from '../lua/scripts.generated.js'
import { defineScript } from '../redis/define-script.js'
import { leaseEndSuffix, type PublishedEnd } from '../redis/lease-messages.js'
import {
  decodeHeartbeat,
  type Membership,
  membershipArguments,
  type RawHeartbeat,
} from '../redis/membership.js'
import { flag, wholeMs } from '../redis/script-fields.js'
import { evictionArguments, type FallingFences, type ScriptSelector } from '../redis/script-selector.js'
import { groupOf, type KeyLimit } from '../store.js'
import type { EvictionBudget } from './eviction-budget.js'
import { decodeTaking } from './taking.js'

/*
 * What the cluster store does on the servers. A script reaches one slot only, and there are two kinds of slots: that of
 * a value, with its lease, and that of the part of the index that lists its key (see `cluster-names.ts`).
 *
 * The index says what counts: a value or a lease whose key it does not list is as good as missing. So an eviction has
 * happened as soon as it has taken the key out of the index, and a reader or writer enters a key only after it has
 * removed what was there. Until the key is entered, that reader or writer holds the key's lease, marked as pending.
 */

/** What becomes of what lies there: see the table in take.lua. */
export type TakeMode = 'look-up' | 'start-over' | 'overwrite'

export const take = defineScript({
  command: 'cacheableTake',
  source: CLUSTER_LUA.take,
  keys: ['value', 'lease'],
  encode: ({ token, leaseMs, graceMs, mode, channel }: TakeInput) => [
    token,
    wholeMs(leaseMs),
    graceMs,
    mode,
    channel,
  ],
  decode: decodeTaking,
  isBinary: true,
})

export const confirm = defineScript({
  command: 'cacheableConfirm',
  source: CLUSTER_LUA.confirm,
  keys: ['lease'],
  encode: ({ token }: { token: string }) => [token],
  decode: (stood: number) => stood === 1,
})

export const store = defineScript({
  command: 'cacheableStore',
  source: CLUSTER_LUA.store,
  keys: ['value', 'lease'],
  encode: ({ token, value, ttlMs, channel }: StoreInput) => [token, value, wholeMs(ttlMs), channel],
  decode: (stored: number) => stored === 1,
})

/** Says whether the lease stood, if `token` names a holder. */
export const endLease = defineScript({
  command: 'cacheableEnd',
  source: CLUSTER_LUA.end,
  keys: ['lease'],
  encode: ({ channel, end, token }: { channel: string; end: PublishedEnd; token?: string }) => [
    channel,
    leaseEndSuffix(end),
    ...(token === undefined ? [] : [token]),
  ],
  decode: (ended: number) => ended === 1,
})

export const readValue = defineScript({
  command: 'cacheableValue',
  source: CLUSTER_LUA.value,
  keys: ['value'],
  encode: () => [],
  decode: (found: [value: Buffer, remainingMs: number] | null) =>
    found && { value: found[0], remainingMs: found[1] },
  isBinary: true,
})

export const removeValue = defineScript({
  command: 'cacheableRemove',
  source: CLUSTER_LUA.remove,
  keys: ['value'],
  encode: () => [],
  decode: (removed: number) => removed,
})

export const readListed = defineScript({
  command: 'cacheableListed',
  source: CLUSTER_LUA.listed,
  keys: ['index'],
  encode: ({ keys }: { keys: readonly string[] }) => keys,
  decode: ([incarnation, ...listed]: [incarnation: Buffer, ...listed: number[]]) => ({
    incarnation: incarnation.toString('latin1'),
    areListed: listed.map((said) => said === 1),
  }),
  isBinary: true,
})

export const list = defineScript({
  command: 'cacheableList',
  source: CLUSTER_LUA.list,
  keys: ['index', 'marks'],
  encode: ({ key, lifetimeMs, incarnation, mustBeListed, keyLimit }: ListInput) => [
    key,
    wholeMs(lifetimeMs),
    incarnation,
    flag(mustBeListed),
    ...(keyLimit ? [keyLimit.prefix, keyLimit.maxKeys] : []),
  ],
  decode: (raw: RawListing) => decodeListing(raw),
})

export const count = defineScript({
  command: 'cacheableCount',
  source: CLUSTER_LUA.count,
  keys: ['index'],
  encode: ({ start }: { start: string }) => [start],
  decode: (listed: number) => listed,
})

export const claim = defineScript({
  command: 'cacheableClaim',
  source: CLUSTER_LUA.claim,
  keys: ['index', 'fences', 'marks'],
  encode: ({ key, lifetimeMs, incarnation, fence, fenceFalls, tags }: ClaimInput) => [
    key,
    wholeMs(lifetimeMs),
    incarnation,
    groupOf(key),
    fenceArgument(fence),
    flag(fenceFalls),
    ...(tags ? [tags.id, ...tags.tags] : [KEEPS_TAGS]),
  ],
  decode: ([outcome, hasVariants, isToSettle]: ['listed' | 'refused', number?, number?]) => ({
    outcome,
    hasVariants: hasVariants === 1,
    isToSettle: isToSettle === 1,
  }),
})

export const extend = defineScript({
  command: 'cacheableExtend',
  source: CLUSTER_LUA.extend,
  keys: ['index'],
  encode: ({ lifetimeMs }: { lifetimeMs: number }) => [wholeMs(lifetimeMs)],
  decode: () => {},
})

export const fence = defineScript({
  command: 'cacheableFence',
  source: CLUSTER_LUA.fence,
  keys: ['fences', 'marks'],
  encode: ({ group, token, lifetimeMs }: { group: string; token: string; lifetimeMs: number }) => [
    group,
    token,
    lifetimeMs,
  ],
  decode: (token: string) => token,
})

export const heartbeat = defineScript({
  command: 'cacheableHeartbeat',
  source: CLUSTER_LUA.heartbeat,
  keys: ['members', 'calls', 'watch'],
  encode: (membership: Membership) => membershipArguments(membership),
  decode: (raw: [...RawHeartbeat, expired: number]) => {
    const [now, newestCall, number, begunAt, missing, known, watched, expired] = raw
    return { said: decodeHeartbeat([now, newestCall, number, begunAt, missing, known, watched]), expired }
  },
})

export const unlist = defineScript({
  command: 'cacheableUnlist',
  source: CLUSTER_LUA.unlist,
  keys: ['index', 'fences'],
  encode: ({ budget, beyondBudget, cursor, fences, selector }: UnlistInput) => [
    budget,
    cursor,
    flag(beyondBudget === 'evict-all'),
    ...evictionArguments(fences, [selector]),
  ],
  decode: ([keys, cursor]: [Buffer[], Buffer | null]) => ({ keys: keys.map(String), cursor }),
  isBinary: true,
})

export const forget = defineScript({
  command: 'cacheableForget',
  source: CLUSTER_LUA.forget,
  keys: ['index'],
  encode: ({ key }: { key: string }) => [key],
  decode: (listed: number) => listed,
})

export const CLUSTER_SCRIPTS = [
  take,
  confirm,
  store,
  endLease,
  readValue,
  removeValue,
  readListed,
  list,
  count,
  claim,
  extend,
  fence,
  heartbeat,
  unlist,
  forget,
]

interface TakeInput {
  readonly token: string
  readonly leaseMs: number
  readonly graceMs: number
  readonly mode: TakeMode
  /** Of the ends of leases. */
  readonly channel: string
}

interface StoreInput {
  readonly token: string
  readonly value: Buffer
  readonly ttlMs: number
  /** Of the ends of leases. */
  readonly channel: string
}

export interface ListInput {
  readonly key: string
  readonly lifetimeMs: number
  /** For an index that is new. */
  readonly incarnation: string
  readonly mustBeListed: boolean
  readonly keyLimit: KeyLimit | undefined
}

export interface ClaimInput {
  readonly key: string
  readonly lifetimeMs: number
  /** For an index that is new. */
  readonly incarnation: string
  /** That has to stand; `null`: none has to. */
  readonly fence: string | null
  readonly fenceFalls: boolean
  /** Left out: the key keeps those that it has. */
  readonly tags?: { readonly id: string; readonly tags: readonly string[] } | undefined
}

type RawListing = [outcome: 'listed' | 'unknown' | 'full', ...(string | number)[]]

/** What became of entering a key: if it is listed, when that was; if the limit is reached, some keys that it counts. */
type Listing =
  | { readonly outcome: 'listed'; readonly moment: string; readonly hasRecord: boolean }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'full'; readonly held: readonly string[] }

function decodeListing([outcome, ...rest]: RawListing): Listing {
  if (outcome === 'listed') return { outcome, moment: String(rest[0]), hasRecord: rest[1] === 1 }
  return outcome === 'full' ? { outcome, held: rest.map(String) } : { outcome }
}

interface UnlistInput extends EvictionBudget {
  /** Where the last batch stopped; empty: at the beginning. */
  readonly cursor: string | Buffer
  readonly fences: FallingFences
  readonly selector: ScriptSelector
}

/** Stands for no registration in claim.lua. */
const KEEPS_TAGS = ''
/** Stands for no fence in claim.lua. */
const NO_FENCE = ''
/** No token is empty: what a caller gives as one must not pass for `NO_FENCE`. */
const NEVER_STANDS = 'none'

function fenceArgument(fence: string | null): string {
  return fence === null ? NO_FENCE : fence || NEVER_STANDS
}
