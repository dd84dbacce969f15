import { Redis } from 'ioredis'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import { reconnectDelayMs } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { Store } from '#src/stores/store.js'
import { TieredStore } from '#src/stores/tiered/tiered-store.js'
import type { WayToRedis } from './faults/way-to-redis.js'
import type { Safeguard } from './options.js'

/** Where the processes of one race meet. */
export interface Place {
  /** `null` for a race within one process. */
  readonly redisUrl: string | null
  /** Where their rows are: the same, or where no fault comes. */
  readonly databaseUrl: string | null
  /** Before all keys of the race. */
  readonly keyPrefix: string
  /** How long a process waits for an answer of Redis. */
  readonly deadlineMs: number
}

export interface StoreKind {
  /** Whether several processes can work on it. */
  readonly isShared: boolean
  /**
   * How soon a process hears of another's evictions. Its own hold at once, and so do all where this is missing.
   */
  readonly toldWithinMs?: number
  readonly open: (place: Place, way: WayToRedis, without: Safeguard | undefined) => Store
}

const CONNECT_TIMEOUT_MS = 2_000

/** The stores that can be raced on. */
export const STORES = {
  redis: { isShared: true, open: openRedis },
  tiered: { isShared: true, open: openTiered, toldWithinMs: 250 },
  memory: { isShared: false, open: () => new MemoryStore() },
} as const satisfies Record<string, StoreKind>

export type StoreName = keyof typeof STORES

export const STORE_NAMES = Object.keys(STORES) as StoreName[]

export function isStoreName(name: string): name is StoreName {
  return name in STORES
}

/** Copies are good for longer than a race takes: they go when word comes, or the race tells. */
function openTiered(place: Place, way: WayToRedis, without: Safeguard | undefined): Store {
  const store = openRedis(place, way)
  if (without === 'word') {
    const onInvalidation = store.onInvalidation.bind(store)
    store.onInvalidation = (listener) => onInvalidation({ ...listener, evicted() {} })
  }
  return new TieredStore(store, { maxBytes: 1_000_000, maxAgeMs: 3_600_000 })
}

function openRedis({ redisUrl, keyPrefix, deadlineMs }: Place, way: WayToRedis): RedisStore {
  if (redisUrl === null) throw new Error('this store needs the URL of a Redis')
  const client = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    retryStrategy: (attempt) => reconnectDelayMs(attempt),
    connectTimeout: CONNECT_TIMEOUT_MS,
    Connector: way.Connector,
  })
  // What it meets shows in the answers.
  client.on('error', () => {})
  return new RedisStore({
    client,
    keyPrefix: `${keyPrefix}cache:`,
    deadlineMs,
    ownsClient: true,
  })
}
