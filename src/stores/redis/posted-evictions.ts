import type { Selector } from '../store.js'
import type { RedisConnection } from './redis-connection.js'

export interface PostedEvictionsOptions {
  readonly connection: Pick<RedisConnection, 'sent'>
  /** Sends an eviction. Resolves once Redis has answered, whenever that is; `null`: it was not sent. */
  readonly send: (selectors: readonly Selector[]) => Promise<unknown> | null
}

/** How many selectors may be on their way; a key has up to 1 kB. */
const MAX_UNDER_WAY = 1_000
const SELECTORS_PER_CALL = 100
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
      const reply = this.#options.send(chunk)
      if (reply) reply.then(end, end)
      else end()
    }
  }
}
