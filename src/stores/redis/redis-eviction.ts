import type { Selector } from '../store.js'
import { isKeySelector } from '../tag-selectors.js'
import { INVALIDATE_ALL, invalidationMessage } from '../tiered/invalidation-message.js'
import type { ScriptClient } from './define-script.js'
import type { RedisConnection } from './redis-connection.js'
import type { RedisNames } from './redis-names.js'
import { type EvictionBatch, evict } from './redis-scripts.js'
import { wholeMs } from './script-fields.js'
import { fallingFences, NO_FENCES, scriptSelector, variantsOf } from './script-selector.js'

/** So that no single script is sent an unbounded number of arguments. */
const SELECTORS_PER_CALL = 100
/** How many keys one script looks at, so that none keeps Redis from others for more than a few milliseconds. */
const KEYS_AT_ONCE = 500
/** More than that where nobody waits and nobody goes on; beyond it, everything goes. */
const KEYS_POSTED_AT_ONCE = 5_000

export interface RedisEvictionOptions {
  readonly connection: Pick<RedisConnection, 'execute' | 'post' | 'channels' | 'tellEvicted'>
  readonly names: RedisNames
}

/** What an eviction removes; the rest of a batch is the same for all. */
type Evicted = Pick<EvictionBatch, 'message' | 'fences' | 'selectors' | 'intent'>

/** Evictions in batches, with other clients' commands between them. */
export class RedisEviction {
  readonly #options: RedisEvictionOptions

  constructor(options: RedisEvictionOptions) {
    this.#options = options
  }

  /** As of `Store`. */
  async evict(selectors: readonly Selector[], settled?: string): Promise<number> {
    const ends = settled === undefined ? null : { token: settled, lifetimeMs: null }
    let removed = 0
    let at = 0
    do {
      const chunk = selectors.slice(at, at + SELECTORS_PER_CALL)
      at += SELECTORS_PER_CALL
      // With the last: until then nothing may come in that those before have removed.
      removed += await this.#evictAll(chunk, at < selectors.length ? null : ends)
    } while (at < selectors.length)
    return removed
  }

  /** As of `Store`: with one script, so that the intent stands before anything is removed. */
  intend(token: string, selectors: readonly Selector[], lifetimeMs: number): Promise<number> {
    return this.#evictAll(selectors, { token, lifetimeMs: wholeMs(lifetimeMs) })
  }

  /**
   * Evicts nothing, so that Redis knows the script from then on: with its text, what is posted would take two reads of
   * the socket, and others could come in between.
   */
  async prepare(client: ScriptClient): Promise<void> {
    const { connection, names } = this.#options
    await evict(client, names, {
      ...{
        prefix: names.prefix,
        channels: connection.channels,
        message: '',
        fences: NO_FENCES,
        selectors: [],
      },
      ...{ budget: KEYS_AT_ONCE, beyondBudget: '', cursor: '', intent: null },
    })
  }

  /** Sends an eviction that takes a single script. @returns As of `RedisConnection.post`. */
  post(selectors: readonly Selector[]): Promise<unknown> | null {
    const { connection, names } = this.#options
    return connection.post((client) =>
      evict(client, names, {
        prefix: names.prefix,
        channels: connection.channels,
        message: messageOf(selectors),
        fences: fallingFences(selectors),
        selectors: selectors.map(scriptSelector),
        budget: KEYS_POSTED_AT_ONCE,
        beyondBudget: INVALIDATE_ALL,
        cursor: '',
        intent: null,
      }),
    )
  }

  /** Removes the variants of a key, and not the key itself. */
  async evictVariants(key: string): Promise<void> {
    const message = invalidationMessage([{ kind: 'key', key }])
    await this.#goOn({ message, fences: NO_FENCES, selectors: [variantsOf(key)], intent: null })
  }

  #evictAll(selectors: readonly Selector[], intent: EvictionBatch['intent']): Promise<number> {
    return this.#goOn({
      message: messageOf(selectors),
      fences: fallingFences(selectors),
      selectors: selectors.map(scriptSelector),
      intent,
    })
  }

  /** Goes on from where each script stopped. The fences fall, and the intent begins or ends, with the first. */
  async #goOn(evicted: Evicted): Promise<number> {
    let removed = 0
    let cursor: EvictionBatch['cursor'] = ''
    let left = evicted
    for (;;) {
      const batch = await this.#evictSome(left, cursor)
      removed += batch.removed
      // Before whoever evicts hears of the end, which may come ahead of the message.
      if (batch.byTag.length > 0) this.#options.connection.tellEvicted(batch.byTag)
      if (batch.rest === null) return removed
      const selectors = left.selectors.slice(batch.rest.done)
      left = { ...left, selectors, fences: NO_FENCES, intent: null }
      cursor = batch.rest.cursor
    }
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
function messageOf(selectors: readonly Selector[]): string {
  const byKey = selectors.filter(isKeySelector)
  return byKey.length === 0 ? '' : invalidationMessage(byKey)
}
