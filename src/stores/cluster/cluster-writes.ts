import type { RedisConnection } from '../redis/redis-connection.js'
import { newToken } from '../redis/tokens.js'
import type { PutOutcome } from '../store.js'
import type { ClusterEntries } from './cluster-entries.js'
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
}

/** Writes of values. Each holds its key's lease, which keeps it from storing after an eviction. */
export class ClusterWrites {
  readonly #options: ClusterWritesOptions

  constructor(options: ClusterWritesOptions) {
    this.#options = options
  }

  /**
   * Stores what is newer than anything loaded before.
   *
   * @returns Whether it was stored; if not, something newer came in between, or the fence has fallen.
   */
  async overwrite({ key, value, ttlMs, fence }: WrittenValue): Promise<boolean> {
    const { connection, entries, index, eviction } = this.#options
    const holder = { key, token: newToken() }
    const { isStored, hasVariants } = await connection.execute(async (client) => {
      await entries.take(client, holder, { leaseMs: WRITE_LEASE_MS, graceMs: 0, mode: 'overwrite' })
      const claimed = await index.claim(client, { key, lifetimeMs: ttlMs, fence, fenceFalls: true })
      const isStored = claimed.outcome === 'listed' && (await entries.store(client, holder, value, ttlMs))
      return { isStored, hasVariants: claimed.hasVariants }
    })
    if (hasVariants) await eviction.evictVariants(key)
    return isStored
  }

  /** Stores a value where there is none, and no reader is loading one. */
  putIfAbsent({ key, value, ttlMs, fence }: WrittenValue): Promise<PutOutcome> {
    const { connection, entries, index } = this.#options
    const holder = { key, token: newToken() }
    return connection.execute(async (client) => {
      const acquisition = new KeyAcquisition(client, {
        ...holder,
        entries,
        index,
        leaseMs: WRITE_LEASE_MS,
        graceMs: 0,
        enter: async () =>
          (await index.claim(client, { key, lifetimeMs: ttlMs, fence, fenceFalls: false })).outcome,
      })
      const acquired = await acquisition.run()
      if (acquired.kind === 'refused') return 'refused'
      if (acquired.kind !== 'lease') return 'present'
      return (await entries.store(client, holder, value, ttlMs)) ? 'stored' : 'refused'
    })
  }
}
