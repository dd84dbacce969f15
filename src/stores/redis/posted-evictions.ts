import type { Selector } from '../store.js'
import { INVALIDATE_ALL } from '../tiered/invalidation-message.js'
import type { RedisConnection } from './redis-connection.js'
import { messageOf } from './redis-eviction.js'
import type { RedisNames } from './redis-names.js'
import { evict } from './redis-scripts.js'
import { fallingFences, scriptSelector } from './script-selector.js'

export interface PostedEvictionsOptions {
  readonly connection: Pick<RedisConnection, 'post' | 'sent' | 'channels'>
  readonly names: RedisNames
}

/** How many selectors may be on their way; a key has up to 1 kB. */
const MAX_UNDER_WAY = 1_000
const SELECTORS_PER_CALL = 100
/** More than an eviction that is waited for looks at in one go; beyond it, everything goes. */
const KEYS_AT_ONCE = 5_000
const EVERYTHING: readonly Selector[] = [{ kind: 'glob', glob: '*' }]

/**
 * Evictions that lie in the socket of a Redis that does not answer. When it goes on, they happen ahead of what others
 * ask later.
 */
export class PostedEvictions {
  readonly #options: PostedEvictionsOptions
  #underWay = 0
  #isEverythingUnderWay = false

  constructor(options: PostedEvictionsOptions) {
    this.#options = options
  }

  /** As of `Store`. Beyond the bound, one eviction of everything stands for all that come. */
  async post(selectors: readonly Selector[]): Promise<void> {
    if (this.#underWay + selectors.length <= MAX_UNDER_WAY) this.#send(selectors, () => {})
    else if (!this.#isEverythingUnderWay) {
      this.#isEverythingUnderWay = true
      this.#send(EVERYTHING, () => {
        this.#isEverythingUnderWay = false
      })
    }
    await this.#options.connection.sent()
  }

  #send(selectors: readonly Selector[], onEnd: () => void): void {
    for (let at = 0; at < selectors.length; at += SELECTORS_PER_CALL) {
      const chunk = selectors.slice(at, at + SELECTORS_PER_CALL)
      this.#underWay += chunk.length
      const end = () => {
        this.#underWay -= chunk.length
        onEnd()
      }
      const reply = this.#sendChunk(chunk)
      if (reply) reply.then(end, end)
      else end()
    }
  }

  #sendChunk(chunk: readonly Selector[]): Promise<unknown> | null {
    const { connection, names } = this.#options
    return connection.post((client) =>
      evict(client, names, {
        prefix: names.prefix,
        channels: connection.channels,
        message: messageOf(chunk),
        fences: fallingFences(chunk),
        selectors: chunk.map(scriptSelector),
        budget: KEYS_AT_ONCE,
        beyondBudget: INVALIDATE_ALL,
        cursor: '',
      }),
    )
  }
}
