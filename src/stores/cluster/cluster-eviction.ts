import type { ScriptClient } from '../redis/define-script.js'
import type { RedisConnection } from '../redis/redis-connection.js'
import {
  type FallingFences,
  fallingFences,
  NO_FENCES,
  type ScriptSelector,
  scriptSelector,
  variantsOf,
} from '../redis/script-selector.js'
import type { KeySelector, Selector, TagSelector } from '../store.js'
import { isKeySelector, isTagSelector } from '../tag-selectors.js'
import type { ClusterEntries } from './cluster-entries.js'
import type { ClusterNames, Shard } from './cluster-names.js'
import { unlist } from './cluster-scripts.js'
import { evictTagged } from './cluster-tag-scripts.js'
import type { EvictionBudget } from './eviction-budget.js'

/** So that no single script is sent an unbounded number of arguments. */
const TAGS_PER_CALL = 100

export interface ClusterEvictionOptions {
  readonly execute: RedisConnection['execute']
  readonly names: ClusterNames
  readonly entries: ClusterEntries
  readonly budget: EvictionBudget
}

/** A place in an eviction by tags. */
interface Rest {
  readonly done: number
  readonly cursor: string | Buffer
}

/** Evictions: keys leave the index, which is when they happen, and then what lay under each is removed. */
export class ClusterEviction {
  readonly #options: ClusterEvictionOptions

  constructor(options: ClusterEvictionOptions) {
    this.#options = options
  }

  /** As of `Store`. */
  async evict(selectors: readonly Selector[]): Promise<number> {
    const falling = fallingFences(selectors)
    const tags = selectors.filter(isTagSelector)
    const removed = await Promise.all([
      ...selectors.filter(isKeySelector).map((selector) => this.#evictOne(selector, falling)),
      ...(tags.length > 0 ? this.#options.names.shards.map((shard) => this.#evictTagged(shard, tags)) : []),
    ])
    return sumOf(removed)
  }

  /** Removes the variants of a key, and not the key itself. */
  async evictVariants(key: string): Promise<void> {
    await this.#evictListed(this.#options.names.shardOf(key), NO_FENCES, variantsOf(key))
  }

  /** @param falling - The fences that fall with all selectors together. */
  async #evictOne(selector: KeySelector, falling: FallingFences): Promise<number> {
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
    const { execute, budget } = this.#options
    return execute(async (client) => {
      const batch = await unlist(client, shard, { ...budget, cursor, fences, selector })
      return { removed: await this.#removeAll(client, batch.keys), cursor: batch.cursor }
    })
  }

  /** Takes what carries one of some tags out of a shard in batches. Any shard may list a key with any tag. */
  async #evictTagged(shard: Shard, tags: readonly TagSelector[]): Promise<number> {
    let removed = 0
    let left = tags
    let cursor: Rest['cursor'] = ''
    while (left.length > 0) {
      const some = left.slice(0, TAGS_PER_CALL)
      const batch = await this.#evictSomeTagged(shard, some, cursor)
      removed += batch.removed
      left = left.slice(batch.rest?.done ?? some.length)
      cursor = batch.rest?.cursor ?? ''
    }
    return removed
  }

  #evictSomeTagged(
    shard: Shard,
    tags: readonly TagSelector[],
    cursor: Rest['cursor'],
  ): Promise<{ readonly removed: number; readonly rest: Rest | null }> {
    const { execute, budget } = this.#options
    const selectors = tags.map(scriptSelector)
    return execute(async (client) => {
      const { keys, rest } = await evictTagged(client, shard, { ...budget, cursor, selectors })
      return { removed: await this.#removeAll(client, keys), rest }
    })
  }

  /** Removes what lies under keys that are not listed any more. */
  async #removeAll(client: ScriptClient, keys: readonly string[]): Promise<number> {
    return sumOf(await Promise.all(keys.map((key) => this.#options.entries.remove(client, key))))
  }
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
