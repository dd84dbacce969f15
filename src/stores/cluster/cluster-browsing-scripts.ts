import { TAG_BYTES_AT_ONCE } from '../browsing.js'
import { CLUSTER_LUA } from '../lua/scripts.generated.js'
import { defineScript } from '../redis/define-script.js'

/*
 * What lies there, for people who look.
 */

export const browseShard = defineScript({
  command: 'cacheableBrowse',
  source: CLUSTER_LUA.browse,
  keys: ['index'],
  encode: ({ start, after, budget }: BrowseInput) => [start, after, budget, TAG_BYTES_AT_ONCE],
  decode: ([found, mayBeMore]: [[key: Buffer, tags: Buffer][], number]): BrowsedShard => ({
    keys: found.map(([key, tags]) => ({
      key: String(key),
      tags: tags.length === 0 ? [] : String(tags).split('\0'),
    })),
    mayBeMore: mayBeMore === 1,
  }),
  isBinary: true,
})

export const readSize = defineScript({
  command: 'cacheableSize',
  source: CLUSTER_LUA.size,
  keys: ['value'],
  encode: () => [],
  decode: (found: [bytes: number, remainingMs: number] | null) =>
    found && { bytes: found[0], remainingMs: found[1] },
})

export const CLUSTER_BROWSING_SCRIPTS = [browseShard, readSize]

interface BrowseInput {
  /** What the keys begin with. */
  readonly start: string
  /** The key behind which to go on; empty: at the beginning. */
  readonly after: string
  /** How many keys the script may give. */
  readonly budget: number
}

/** What a shard lists, whether it has a value or not. */
export interface BrowsedShard {
  readonly keys: readonly ListedKey[]
  readonly mayBeMore: boolean
}

export interface ListedKey {
  readonly key: string
  readonly tags: readonly string[]
}
