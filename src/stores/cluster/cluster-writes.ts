import type { ScriptClient } from '../redis/define-script.js'
import type { RedisConnection } from '../redis/redis-connection.js'
import { newToken } from '../redis/tokens.js'
import type { PutOutcome } from '../store.js'
import type { ClusterEntries, Holder } from './cluster-entries.js'
import type { ClusterEviction } from './cluster-eviction.js'
import type { ClusterIndex } from './cluster-index.js'
import { KeyAcquisition } from './key-acquisition.js'

/** How long a write may take from taking a key's lease to storing its value. */
const WRITE_LEASE_MS = 5_000

export interface ClusterWritesOptions {
  readonly connection: Pick<RedisConnection, 'execute'>
  readonly entries: ClusterEntries
  readonly index: ClusterIndex
  readonly eviction: ClusterEviction
}

/** A value that comes from a write, not from a load. */
export interface WrittenValue {
  readonly key: string
  readonly value: Buffer
  readonly ttlMs: number
  /** That has to stand; `null`: none has to. */
  readonly fence: string | null
  /** Left out: it carries those that the key has. */
  readonly tags?: readonly string[] | undefined
}

/** What became of a write; `foreign`: what is there is not the cache's, and stays. */
export type Written =
  | { readonly outcome: PutOutcome }
  | { readonly outcome: 'foreign'; readonly type: string }

/** Writes of values. Each holds its key's lease, which keeps it from storing after an eviction. */
export class ClusterWrites {
  readonly #options: ClusterWritesOptions

  constructor(options: ClusterWritesOptions) {
    this.#options = options
  }

  /**
   * Stores what is newer than anything loaded before.
   *
   * @returns `refused`, if something newer came in between, or the fence has fallen; `foreign`, if what is there is not
   *   the cache's.
   */
  async overwrite({ key, value, ttlMs, fence, tags }: WrittenValue): Promise<Written> {
    const { connection, entries, index, eviction } = this.#options
    const holder = { key, token: newToken() }
    const { written, hasVariants } = await connection.execute(
      async (client): Promise<{ written: Written; hasVariants: boolean }> => {
        const options = { leaseMs: WRITE_LEASE_MS, graceMs: 0, mode: 'overwrite' } as const
        const taking = await entries.take(client, holder, options)
        if (taking.kind === 'foreign') {
          return { written: { outcome: 'foreign', type: taking.type }, hasVariants: false }
        }
        const claimed = await index.claim(client, {
          ...{ key, lifetimeMs: ttlMs, fence, fenceFalls: true },
          tags: tags && { id: holder.token, tags },
        })
        const isStored = claimed.outcome === 'listed' && (await entries.store(client, holder, value, ttlMs))
        if (tags && claimed.outcome === 'listed')
          await this.#settle(client, holder, claimed.isToSettle, isStored)
        return { written: { outcome: isStored ? 'stored' : 'refused' }, hasVariants: claimed.hasVariants }
      },
    )
    if (hasVariants) await eviction.evictVariants(key)
    return written
  }

  /** Stores a value where there is none, and no reader is loading one. */
  putIfAbsent({ key, value, ttlMs, fence, tags }: WrittenValue): Promise<Written> {
    const { connection, entries, index } = this.#options
    const holder = { key, token: newToken() }
    return connection.execute(async (client) => {
      const acquisition = new KeyAcquisition(client, {
        ...holder,
        entries,
        index,
        leaseMs: WRITE_LEASE_MS,
        graceMs: 0,
        enter: () =>
          index.claim(client, {
            ...{ key, lifetimeMs: ttlMs, fence, fenceFalls: false },
            tags: tags && { id: holder.token, tags },
          }),
      })
      const acquired = await acquisition.run()
      if (acquired.kind === 'foreign') return { outcome: 'foreign', type: acquired.type }
      if (acquired.kind === 'refused') return { outcome: 'refused' }
      if (acquired.kind !== 'lease') return { outcome: 'present' }
      const isStored = await entries.store(client, holder, value, ttlMs)
      if (tags) await this.#settle(client, holder, acquired.entered.isToSettle, isStored)
      return { outcome: isStored ? 'stored' : 'refused' }
    })
  }

  /** Leaves the key the tags of what is there, once it is known whether the value was stored. */
  async #settle(
    client: ScriptClient,
    { key, token }: Holder,
    isToSettle: boolean,
    isStored: boolean,
  ): Promise<void> {
    if (!isToSettle && isStored) return
    await this.#options.index.settle(client, { key, id: token, isStored, hasRecord: true })
  }
}
