import type { Selector } from '../store.js'
import { isKeySelector } from '../tag-selectors.js'
import { invalidationMessage } from '../tiered/invalidation-message.js'
import type { RedisConnection } from './redis-connection.js'
import type { RedisNames } from './redis-names.js'
import { type EvictionBatch, evict } from './redis-scripts.js'
import { fallingFences, NO_FENCES, scriptSelector, variantsOf } from './script-selector.js'

/** So that no single script is sent an unbounded number of arguments. */
const SELECTORS_PER_CALL = 100
/** How many keys one script looks at, so that none keeps Redis from others for more than a few milliseconds. */
const KEYS_AT_ONCE = 500

export interface RedisEvictionOptions {
  readonly connection: Pick<RedisConnection, 'execute' | 'channels' | 'tellEvicted'>
  readonly names: RedisNames
}

/** What an eviction removes; the rest of a batch is the same for all. */
type Evicted = Pick<EvictionBatch, 'message' | 'fences' | 'selectors'>

/** Evictions in batches, with other clients' commands between them. */
export class RedisEviction {
  readonly #options: RedisEvictionOptions

  constructor(options: RedisEvictionOptions) {
    this.#options = options
  }

  /** As of `Store`. */
  async evict(selectors: readonly Selector[]): Promise<number> {
    let removed = 0
    for (let at = 0; at < selectors.length; at += SELECTORS_PER_CALL) {
      const chunk = selectors.slice(at, at + SELECTORS_PER_CALL)
      removed += await this.#evictAll({
        message: messageOf(chunk),
        fences: fallingFences(chunk),
        selectors: chunk.map(scriptSelector),
      })
    }
    return removed
  }

  /** Removes the variants of a key, and not the key itself. */
  async evictVariants(key: string): Promise<void> {
    const message = invalidationMessage([{ kind: 'key', key }])
    await this.#evictAll({ message, fences: NO_FENCES, selectors: [variantsOf(key)] })
  }

  /** Goes on from where each script stopped. The fences fall with the first. */
  async #evictAll({ message, fences, selectors }: Evicted): Promise<number> {
    const { connection } = this.#options
    let removed = 0
    let cursor: EvictionBatch['cursor'] = ''
    let [falling, left] = [fences, selectors]
    while (left.length > 0) {
      const batch = await this.#evictSome({ message, fences: falling, selectors: left }, cursor)
      removed += batch.removed
      // Before whoever evicts hears of the end, which may come ahead of the message.
      if (batch.byTag.length > 0) connection.tellEvicted(batch.byTag)
      if (batch.rest === null) break
      left = left.slice(batch.rest.done)
      cursor = batch.rest.cursor
      falling = NO_FENCES
    }
    return removed
  }

  #evictSome(evicted: Evicted, cursor: EvictionBatch['cursor']) {
    const { connection, names } = this.#options
    return connection.execute((client) =>
      evict(client, names, {
        ...evicted,
        prefix: names.prefix,
        channels: connection.channels,
        budget: KEYS_AT_ONCE,
        beyondBudget: '',
        cursor,
      }),
    )
  }
}

/** What the processes with copies are told at once; of tags the script tells them what it finds. */
export function messageOf(selectors: readonly Selector[]): string {
  const byKey = selectors.filter(isKeySelector)
  return byKey.length === 0 ? '' : invalidationMessage(byKey)
}
