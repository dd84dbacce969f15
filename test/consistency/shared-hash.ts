import { setImmediate } from 'node:timers/promises'
import type { Redis } from 'ioredis'

/** So that a race that was killed leaves nothing for good. */
const LIFETIME_SECONDS = 24 * 3_600

/** A hash that is read once for all who ask in the same turn, and never earlier than they asked. */
export class SharedHash {
  readonly name: string
  readonly #client: Redis
  #reading: Promise<Record<string, string>> | null = null

  constructor(client: Redis, name: string) {
    this.#client = client
    this.name = name
  }

  all(): Promise<Record<string, string>> {
    this.#reading ??= setImmediate().then(() => {
      this.#reading = null
      void this.#client.expire(this.name, LIFETIME_SECONDS)
      return this.#client.hgetall(this.name)
    })
    return this.#reading
  }

  async number(field: string): Promise<number> {
    return Number((await this.all())[field] ?? 0)
  }
}
