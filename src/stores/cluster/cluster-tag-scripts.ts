import { CLUSTER_LUA } from '../lua/scripts.generated.js'
import { defineScript } from '../redis/define-script.js'
import { flag, wholeMs } from '../redis/script-fields.js'
import { evictionArguments, NO_FENCES, type ScriptSelector } from '../redis/script-selector.js'
import type { EvictionBudget } from './eviction-budget.js'

/*
 * The tags of entries. They lie in the index that lists the keys, and never count for longer than it does: see
 * `lua/pieces/shard-tags.lua`.
 */

/** `refused`: one of the tags has been evicted since the load began, or the key. */
export const register = defineScript({
  command: 'cacheableRegister',
  source: CLUSTER_LUA.register,
  keys: ['index', 'marks'],
  encode: ({ key, id, moment, lifetimeMs, tags, isRenewal }: RegisterInput) => [
    key,
    id,
    moment,
    wholeMs(lifetimeMs),
    flag(tags !== undefined),
    flag(isRenewal),
    ...(tags ?? []),
  ],
  decode: ([outcome, isToSettle]: ['registered' | 'refused', number?]) => ({
    outcome,
    isToSettle: isToSettle === 1,
  }),
})

export const settle = defineScript({
  command: 'cacheableSettle',
  source: CLUSTER_LUA.settle,
  keys: ['index'],
  encode: ({ key, id, isStored, hasRecord }: SettleInput) => [key, id, flag(isStored), flag(hasRecord)],
  decode: () => {},
})

export const evictTagged = defineScript({
  command: 'cacheableEvictTagged',
  source: CLUSTER_LUA['evict-tagged'],
  keys: ['index', 'fences', 'marks'],
  encode: ({ budget, beyondBudget, cursor, selectors }: EvictTaggedInput) => [
    budget,
    cursor,
    flag(beyondBudget === 'evict-all'),
    ...evictionArguments(NO_FENCES, selectors),
  ],
  decode: ([keys, done, cursor]: [Buffer[], number | null, Buffer | null]) => ({
    keys: keys.map(String),
    rest: done === null || cursor === null ? null : { done, cursor },
  }),
  isBinary: true,
})

export const searchTags = defineScript({
  command: 'cacheableTagged',
  source: CLUSTER_LUA.tagged,
  keys: ['index'],
  encode: ({ budget, after, tags }: TagSearch) => [budget, after, ...tags],
  decode: ([found, done, after]: [(number | Buffer)[], number | null, Buffer | null]): FoundByTags => ({
    found: pairsIn(found),
    rest: done === null || after === null ? null : { done, after },
  }),
  isBinary: true,
})

export const readTags = defineScript({
  command: 'cacheableTags',
  source: CLUSTER_LUA.tags,
  keys: ['index'],
  encode: ({ key }: { key: string }) => [key],
  decode: (found: [id: string, tags: string[]] | null): KnownTags | null =>
    found && { id: found[0], tags: found[1] },
})

export const readExpiry = defineScript({
  command: 'cacheableExpiry',
  source: CLUSTER_LUA.expiry,
  keys: ['value'],
  encode: () => [],
  decode: (expiry: string | null) => expiry,
})

export const CLUSTER_TAG_SCRIPTS = [register, settle, evictTagged, searchTags, readTags, readExpiry]

/** What a key carries, and the registration that this comes from. */
export interface KnownTags {
  readonly id: string
  readonly tags: readonly string[]
}

export interface RegisterInput {
  readonly key: string
  /** Of the registration; unlike any other of the key. */
  readonly id: string
  /** At which the load began; see `tag-marks.lua`. */
  readonly moment: string
  readonly lifetimeMs: number
  /** Left out: the value has no record of any. */
  readonly tags: readonly string[] | undefined
  /** Whether there was a value when the load began. */
  readonly isRenewal: boolean
}

export interface SettleInput {
  readonly key: string
  /** Of the registration. */
  readonly id: string
  readonly isStored: boolean
  /** Whether the value came with a record of its tags. */
  readonly hasRecord: boolean
}

export interface EvictTaggedInput extends EvictionBudget {
  /** Where in the first selector the last batch stopped; empty: at its beginning. */
  readonly cursor: string | Buffer
  readonly selectors: readonly ScriptSelector[]
}

export interface TagSearch {
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
  }[]
  /** If there may be more: how many tags are done, and where to go on in the next one. */
  readonly rest: { readonly done: number; readonly after: Buffer } | null
}

function pairsIn(found: readonly (number | Buffer)[]): FoundByTags['found'] {
  const pairs = []
  for (let at = 0; at < found.length; at += 2) {
    pairs.push({ nth: Number(found[at]), key: String(found[at + 1]) })
  }
  return pairs
}
