import type { Lookup, LookupOptions, StoredValue } from '../store.js'
import {
  type CommandArguments,
  newToken,
  type RedisConnection,
  refused,
  wholeMs,
} from './redis-connection.js'

/** How much goes in one script, so that none keeps Redis from others for more than a millisecond or so. */
const AT_ONCE = 100
const BYTES_AT_ONCE = 1_000_000
/** For one that wants no lease. */
const NO_TOKEN = ''

export interface LookupCommands {
  cacheableLookupBuffer(...args: CommandArguments): Promise<readonly (Found | number)[]>
}

export interface RedisLookupsOptions<Commands> {
  readonly connection: Pick<RedisConnection<Commands>, 'ask' | 'lastly'>
  readonly keyPrefix: string
  readonly index: string
  /** Gives back what a lookup may have been granted. */
  readonly release: (redis: Commands, key: string, token: string) => Promise<unknown>
}

/** A fresh value, nothing, or what else there is to say. */
type Found = Buffer | null | readonly [kind: Buffer, text: Buffer, stale: Buffer | null]

interface Answer {
  readonly found: Found
  /** What the value has left to live. */
  readonly remainingMs: number
}

interface Asked {
  readonly key: string
  readonly token: string
  readonly limits: CommandArguments
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * The lookups of one turn of the event loop, which go to Redis as one script: most of what a lookup costs this process
 * is its command.
 */
export class RedisLookups<Commands extends LookupCommands> {
  readonly #options: RedisLookupsOptions<Commands>
  #asked: Asked[] = []
  /** Of the values that came last, on average. */
  #valueBytes = 0

  constructor(options: RedisLookupsOptions<Commands>) {
    this.#options = options
  }

  /** As of `Store`. @throws CacheError As `RedisConnection.ask` does. */
  async lookup(key: string, { leaseMs, graceMs, keyLimit }: LookupOptions): Promise<Lookup> {
    const limits = [wholeMs(leaseMs), graceMs, keyLimit?.prefix ?? '', keyLimit?.maxKeys ?? '']
    const { found, remainingMs } = await this.#ask(key, newToken(), limits)
    if (Buffer.isBuffer(found)) return { kind: 'hit', value: found, remainingMs }
    const [kind, text, value] = found ?? []
    const stale = value ? { value, remainingMs } : null
    switch (String(kind)) {
      case 'lease':
        return { kind: 'lease', lease: String(text), stale }
      case 'busy':
        return { kind: 'busy', lease: String(text), stale }
      case 'full':
        return { kind: 'full' }
      default:
        throw refused(new Error(String(text)))
    }
  }

  /** As of `Store`. @throws CacheError As `RedisConnection.ask` does. */
  async get(key: string): Promise<StoredValue | null> {
    const { found, remainingMs } = await this.#ask(key, NO_TOKEN, ['', 0, '', ''])
    return Buffer.isBuffer(found) ? { value: found, remainingMs } : null
  }

  #ask(key: string, token: string, limits: CommandArguments): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#asked.length === 0) this.#options.connection.lastly(() => this.#send())
      this.#asked.push({ key, token, limits, resolve, reject })
    })
  }

  #send(): void {
    const asked = this.#asked
    this.#asked = []
    const count = Math.min(AT_ONCE, Math.ceil(BYTES_AT_ONCE / (this.#valueBytes + 1)))
    for (let at = 0; at < asked.length; at += count) void this.#sendSome(asked.slice(at, at + count))
  }

  async #sendSome(asked: readonly Asked[]): Promise<void> {
    const { connection, keyPrefix, index, release } = this.#options
    const args = asked.flatMap(({ key, token, limits }) => [key, token, ...limits])
    const granted = asked.filter(({ token }) => token !== NO_TOKEN)
    try {
      const said = await connection.ask(
        (redis) => redis.cacheableLookupBuffer(index, keyPrefix, ...args),
        (redis) => Promise.all(granted.map(({ key, token }) => release(redis, key, token))),
      )
      let bytes = 0
      asked.forEach(({ resolve }, nth) => {
        const found = said[2 * nth] as Found
        if (Buffer.isBuffer(found)) bytes += found.length
        resolve({ found, remainingMs: said[2 * nth + 1] as number })
      })
      this.#valueBytes = bytes / asked.length
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
}
