import { isErrorReply } from '../../clients/error-reply.js'
import type { LookupOptions, StoredValue } from '../store.js'
import type { ScriptClient } from './define-script.js'
import { type DecodedLookup, decodeLookups, type LookupReply } from './lookup-reply.js'
import type { RedisConnection } from './redis-connection.js'
import type { RedisNames } from './redis-names.js'
import { type LookupRequest, lookup, NO_LEASE, release } from './redis-scripts.js'
import { wholeMs } from './script-fields.js'
import { type PendingLookup, SharedLookups } from './shared-lookups.js'

/** How much goes in one script, so that none keeps Redis from others for more than a millisecond or so. */
const KEYS_AT_ONCE = 100
const BYTES_AT_ONCE = 1_000_000
/** From this size of values on, a second command costs both sides less than to carry the bytes through Lua. */
const APART_FROM_BYTES = 2_000
/** How much of the average the newest answer makes. */
const NEWEST_SHARE = 1 / 8

type Pending = PendingLookup<LookupReply>

export interface RedisLookupsOptions {
  readonly connection: Pick<
    RedisConnection,
    'execute' | 'atEndOfTurn' | 'channels' | 'newToken' | 'refusalOf'
  >
  readonly names: RedisNames
}

/**
 * The lookups of one turn of the event loop, which go to Redis as one script: most of what a lookup costs this process
 * is its command.
 *
 * Large values do not go through Lua, which would copy them twice: an MGET right behind the script brings their bytes.
 * Should Redis do something for others in between, that is as if the answer had come later: a value that has taken the
 * place of another by then is the newer one, and was listed when it was stored.
 */
export class RedisLookups {
  readonly #options: RedisLookupsOptions
  readonly #shared: SharedLookups<LookupReply>
  /** Of the values that came last, on average. */
  #valueBytes = 0

  constructor(options: RedisLookupsOptions) {
    this.#options = options
    this.#shared = new SharedLookups(
      (act) => options.connection.atEndOfTurn(act),
      (pending) => this.#send(pending),
    )
  }

  /** As of `Store`. @throws CacheError As `CommandExecutor.execute` does. */
  lookup(
    key: string,
    { leaseMs, graceMs, keyLimit, needsTags = false }: LookupOptions,
  ): Promise<LookupReply> {
    const token = this.#options.connection.newToken()
    return this.#shared.ask({ key, token, leaseMs: wholeMs(leaseMs), graceMs, keyLimit, needsTags })
  }

  /** As of `Store`. @throws CacheError As `CommandExecutor.execute` does. */
  async get(key: string): Promise<StoredValue | null> {
    const reply = await this.#shared.ask({
      key,
      token: NO_LEASE,
      leaseMs: 0,
      graceMs: 0,
      keyLimit: undefined,
      needsTags: false,
    })
    return reply.kind === 'hit' ? { value: reply.value, remainingMs: reply.remainingMs } : null
  }

  async #send(pending: readonly Pending[]): Promise<void> {
    const isApart = this.#valueBytes >= APART_FROM_BYTES
    const count = Math.min(KEYS_AT_ONCE, Math.ceil(BYTES_AT_ONCE / (this.#valueBytes + 1)))
    const sent: Promise<void>[] = []
    for (let at = 0; at < pending.length; at += count)
      sent.push(this.#sendSome(pending.slice(at, at + count), isApart))
    await Promise.all(sent)
  }

  async #sendSome(pending: readonly Pending[], isApart: boolean): Promise<void> {
    const requests = pending.map(({ request }) => request)
    const gone: Pending[] = []
    try {
      const replies = await this.#options.connection.execute(
        (client) => (isApart ? this.#askApart(client, requests) : this.#askAtOnce(client, requests)),
        (client) => Promise.all(requests.map((request) => this.#release(client, request))),
      )
      for (const [nth, one] of pending.entries()) {
        const reply = replies[nth] as DecodedLookup
        if (reply.kind === 'gone') gone.push(one)
        else if (reply.kind === 'refused') this.#refuse(one, reply.reason)
        else one.resolve(reply)
        if (reply.kind === 'hit') this.#noteBytes(reply.value.length)
      }
    } catch (error) {
      for (const { reject } of pending) reject(error)
    }
    if (gone.length > 0) await this.#sendSome(gone, false)
  }

  #refuse({ reject }: Pending, reason: string): void {
    this.#options.connection.refusalOf(new Error(reason)).then(reject, reject)
  }

  #noteBytes(bytes: number): void {
    this.#valueBytes += (bytes - this.#valueBytes) * (this.#valueBytes === 0 ? 1 : NEWEST_SHARE)
  }

  async #askAtOnce(
    client: ScriptClient,
    requests: readonly LookupRequest[],
  ): Promise<readonly DecodedLookup[]> {
    const { names } = this.#options
    const raw = await lookup(client, names, { prefix: names.prefix, isApart: false, requests })
    return decodeLookups(raw)
  }

  /**
   * The script must have its place ahead of the values, so it is not sent a second time: where Redis does not know it,
   * all is asked at once. So is what there was, and whose bytes have not come.
   */
  async #askApart(
    client: ScriptClient,
    requests: readonly LookupRequest[],
  ): Promise<readonly DecodedLookup[]> {
    const { names } = this.#options
    const entries = requests.map(({ key }) => names.entry(key))
    const tagged = entries.filter((_, nth) => requests[nth]?.needsTags)
    const [raw, bytes] = await Promise.all([
      unlessRefused(lookup.ifKnown(client, names, { prefix: names.prefix, isApart: true, requests })),
      unlessRefused(
        client.mgetBuffer([...entries.map(({ value }) => value), ...tagged.map(({ record }) => record)]),
      ),
    ])
    if (raw === null) return this.#askAtOnce(client, requests)
    let next = entries.length
    const records = requests.map(({ needsTags }) => (needsTags ? (bytes?.[next++] ?? null) : undefined))
    return decodeLookups(raw, { values: bytes ?? [], records })
  }

  /** Gives back the lease that Redis may have granted to a lookup, if its reply is lost. */
  async #release(client: ScriptClient, { key, token }: LookupRequest): Promise<void> {
    if (token === NO_LEASE) return
    const { connection, names } = this.#options
    await release(client, names.entry(key), { key, token, channels: connection.channels, end: 'ended' })
  }
}

/** @returns `null` for an error of Redis; another way to ask will say which. */
async function unlessRefused<T>(reply: Promise<T>): Promise<T | null> {
  try {
    return await reply
  } catch (error) {
    if (isErrorReply(error)) return null
    throw error
  }
}
