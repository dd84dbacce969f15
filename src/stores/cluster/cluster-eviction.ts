import type { RedisConnection } from '../redis/redis-connection.js'
import {
  type FallingFences,
  fallingFences,
  NO_FENCES,
  type ScriptSelector,
  scriptSelector,
  variantsOf,
} from '../redis/script-selector.js'
import type { Selector } from '../store.js'
import { isTagSelector } from '../tag-selectors.js'
import type { ClusterEntries } from './cluster-entries.js'
import type { ClusterNames, Shard } from './cluster-names.js'
import { unlist } from './cluster-scripts.js'

/** How many keys one script looks at, so that none keeps a server from others for more than a few milliseconds. */
const KEYS_AT_ONCE = 500

export interface ClusterEvictionOptions {
  readonly execute: RedisConnection['execute']
  readonly names: ClusterNames
  readonly entries: ClusterEntries
}

/** Evictions: keys leave the index, which is when they happen, and then what lay under each is removed. */
export class ClusterEviction {
  readonly #options: ClusterEvictionOptions

  constructor(options: ClusterEvictionOptions) {
    this.#options = options
  }

  /** As of `Store`. */
  async evict(selectors: readonly Selector[]): Promise<number> {
    if (selectors.some(isTagSelector)) throw new Error('a cluster knows no tags')
    const falling = fallingFences(selectors)
    const removed = await Promise.all(selectors.map((selector) => this.#evictOne(selector, falling)))
    return sumOf(removed)
  }

  /** Removes the variants of a key, and not the key itself. */
  async evictVariants(key: string): Promise<void> {
    await this.#evictListed(this.#options.names.shardOf(key), NO_FENCES, variantsOf(key))
  }

  /** @param falling - The fences that fall with all selectors together. */
  async #evictOne(selector: Selector, falling: FallingFences): Promise<number> {
    const { names } = this.#options
    const own = fallingFences([selector])
    const shards = own === 'all' ? names.shards : own.map((group) => names.shardOf(group))
    const fences = falling === 'all' ? falling : own
    const removed = await Promise.all(
      shards.map((shard) => this.#evictListed(shard, fences, scriptSelector(selector))),
    )
    return sumOf(removed)
  }

  /** Takes keys out of a shard in batches. The fences fall with the first. */
  async #evictListed(shard: Shard, fences: FallingFences, selector: ScriptSelector): Promise<number> {
    let removed = 0
    let falling = fences
    let cursor: string | Buffer | null = ''
    while (cursor !== null) {
      const batch = await this.#evictSome(shard, falling, selector, cursor)
      removed += batch.removed
      cursor = batch.cursor
      falling = NO_FENCES
    }
    return removed
  }

  #evictSome(
    shard: Shard,
    fences: FallingFences,
    selector: ScriptSelector,
    cursor: string | Buffer,
  ): Promise<{ readonly removed: number; readonly cursor: Buffer | null }> {
    const { execute, entries } = this.#options
    return execute(async (client) => {
      const batch = await unlist(client, shard, { budget: KEYS_AT_ONCE, cursor, fences, selector })
      const removed = await Promise.all(batch.keys.map((key) => entries.remove(client, key)))
      return { removed: sumOf(removed), cursor: batch.cursor }
    })
  }
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
