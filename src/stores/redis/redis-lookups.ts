import type { Lookup, LookupOptions, StoredValue } from '../store.js'
import type { LookupReply } from './lookup-reply.js'
import type { RedisConnection } from './redis-connection.js'
import { refused } from './redis-errors.js'
import type { RedisNames } from './redis-names.js'
import { type LookupRequest, lookup, NO_LEASE, release } from './redis-scripts.js'
import { wholeMs } from './script-fields.js'

/** How much goes in one script, so that none keeps Redis from others for more than a millisecond or so. */
const KEYS_AT_ONCE = 100
const BYTES_AT_ONCE = 1_000_000

export interface RedisLookupsOptions {
  readonly connection: Pick<
    RedisConnection,
    'execute' | 'atEndOfTurn' | 'channels' | 'newToken' | 'refusalOf'
  >
  readonly names: RedisNames
}

interface PendingLookup extends LookupRequest {
  readonly resolve: (reply: LookupReply) => void
  readonly reject: (error: unknown) => void
}

/**
 * The lookups of one turn of the event loop, which go to Redis as one script: most of what a lookup costs this process
 * is its command.
 */
export class RedisLookups {
  readonly #options: RedisLookupsOptions
  #pending: PendingLookup[] = []
  /** Of the values that came last, on average. */
  #valueBytes = 0

  constructor(options: RedisLookupsOptions) {
    this.#options = options
  }

  /** As of `Store`. @throws CacheError As `CommandExecutor.execute` does. */
  async lookup(
    key: string,
    { leaseMs, graceMs, keyLimit, needsTags = false }: LookupOptions,
  ): Promise<Lookup> {
    const reply = await this.#enqueue({
      ...{
        key,
        token: this.#options.connection.newToken(),
        leaseMs: wholeMs(leaseMs),
        graceMs,
        keyLimit,
        needsTags,
      },
    })
    if (reply.kind === 'refused') throw await this.#options.connection.refusalOf(new Error(reply.reason))
    if (reply.kind === 'none') throw refused(new Error('There is neither a value nor a lease'))
    return reply
  }

  /** As of `Store`. @throws CacheError As `CommandExecutor.execute` does. */
  async get(key: string): Promise<StoredValue | null> {
    const reply = await this.#enqueue({
      ...{ key, token: NO_LEASE, leaseMs: 0, graceMs: 0, keyLimit: undefined, needsTags: false },
    })
    return reply.kind === 'hit' ? { value: reply.value, remainingMs: reply.remainingMs } : null
  }

  #enqueue(request: LookupRequest): Promise<LookupReply> {
    return new Promise((resolve, reject) => {
      if (this.#pending.length === 0) this.#options.connection.atEndOfTurn(() => this.#send())
      this.#pending.push({ ...request, resolve, reject })
    })
  }

  #send(): void {
    const pending = this.#pending
    this.#pending = []
    const count = Math.min(KEYS_AT_ONCE, Math.ceil(BYTES_AT_ONCE / (this.#valueBytes + 1)))
    for (let at = 0; at < pending.length; at += count) void this.#sendSome(pending.slice(at, at + count))
  }

  async #sendSome(pending: readonly PendingLookup[]): Promise<void> {
    const { connection, names } = this.#options
    try {
      const replies = await connection.execute(
        (client) => lookup(client, names, { prefix: names.prefix, requests: pending }),
        (client) => Promise.all(pending.map((request) => this.#release(client, request))),
      )
      this.#valueBytes = averageBytes(replies)
      replies.forEach((reply, nth) => {
        pending[nth]?.resolve(reply)
      })
    } catch (error) {
      for (const { reject } of pending) reject(error)
    }
  }

  /** Gives back the lease that Redis may have granted to a lookup, if its reply is lost. */
  async #release(client: Parameters<typeof release>[0], { key, token }: LookupRequest): Promise<void> {
    if (token === NO_LEASE) return
    const { connection, names } = this.#options
    await release(client, names.entry(key), { key, token, channels: connection.channels, end: 'ended' })
  }
}

function averageBytes(replies: readonly LookupReply[]): number {
  let bytes = 0
  for (const reply of replies) {
    if (reply.kind === 'hit') bytes += reply.value.length
  }
  return bytes / replies.length
}
