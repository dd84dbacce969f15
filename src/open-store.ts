import { adapterOf } from './clients/adapter-of.js'
import type { RedisClient } from './clients/redis-client.js'
import type { StoreClient } from './clients/store-client.js'
import { CacheError } from './errors.js'
import type { ResolvedOptions } from './options.js'
import { ClusterStore } from './stores/cluster/cluster-store.js'
import { MemoryStore } from './stores/memory/memory-store.js'
import { connectRedis } from './stores/redis/connect-redis.js'
import { RedisStore } from './stores/redis/redis-store.js'
import type { Store } from './stores/store.js'
import { TieredStore } from './stores/tiered/tiered-store.js'

/** A store, and the client that it works with. */
export interface OpenedStore {
  readonly store: Store
  readonly client: OpenedClient | null
}

interface OpenedClient extends Pick<StoreClient, 'isCluster' | 'identity' | 'risk'> {
  /** As the application knows it. */
  readonly itself: RedisClient
  /** What the server says of itself, for people; `null`, while it cannot be asked. */
  readonly info: () => Promise<string> | null
}

/**
 * Opens the store that the options ask for: in process, Redis, Redis with copies in process, or a cluster. A cache that is
 * switched off gets the one in process, for what is set and read by hand.
 *
 * @param onTrouble - Hears every error of the connection; the store goes on trying.
 * @throws CacheError `E_CACHE_OPTION` for a URL that cannot be used, for `memory` where copies cannot be kept true, and
 *   for `crashSafe` with a cluster.
 */
export function openStore(options: ResolvedOptions, onTrouble: (error: unknown) => void): OpenedStore {
  const { redis, isConnected, keyPrefix, deadlineMs, maxMemoryBytes, memory } = options
  if (redis === undefined || !isConnected)
    return { client: null, store: new MemoryStore({ maxBytes: maxMemoryBytes }) }
  const ownsClient = typeof redis === 'string'
  const itself = ownsClient ? connectRedis(redis, { onTrouble }) : redis
  const adapter = adapterOf(itself)
  const { isCluster, identity, risk } = adapter
  const info = () => (adapter.isReady ? adapter.info() : null)
  const client = { itself, isCluster, identity, risk, info }
  const storeOptions = { client: itself, keyPrefix, deadlineMs, ownsClient, onTrouble }
  if (memory) {
    requireInvalidations(adapter)
    return { client, store: new TieredStore(new RedisStore(storeOptions), memory) }
  }
  if (isCluster && options.isCrashSafe) throw noIntentsInCluster('createCache({ crashSafe })')
  const Store = isCluster ? ClusterStore : RedisStore
  return { client, store: new Store(storeOptions) }
}

/** A key and what a lookup of it asks are one server's; an intent by pattern would have to be on all. */
export function noIntentsInCluster(where: string): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where,
    problem: `'crashSafe' is not there for a Redis Cluster`,
    mend: 'Leave it out, or use a single Redis or Sentinel.',
  })
}

/** Invalidation messages come between the answers of one RESP3 connection, in the order in which things happened. */
function requireInvalidations({ isCluster, speaksResp3 }: StoreClient): void {
  if (!isCluster && speaksResp3) return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ memory })',
    problem: isCluster
      ? 'copies in this process cannot be kept true with a cluster'
      : 'copies in this process need a connection that speaks RESP3',
    mend: isCluster
      ? 'Leave memory out.'
      : 'Use ioredis 6 with protocol 3, its default, or node-redis with RESP: 3, the default of its version 6; or leave memory out.',
  })
}
