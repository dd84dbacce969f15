import { Redis } from 'ioredis'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { Store } from '#src/stores/store.js'
import { TieredStore } from '#src/stores/tiered/tiered-store.js'
import type { Safeguard } from './options.js'

/** Where the processes of one race meet. */
export interface Place {
  /** `null` for a race within one process. */
  readonly redisUrl: string | null
  /** Before all keys of the race. */
  readonly keyPrefix: string
}

export interface StoreKind {
  /** Whether several processes can work on it. */
  readonly isShared: boolean
  /**
   * How soon a process hears of another's evictions. Its own hold at once, and so do all where this is missing.
   */
  readonly toldWithinMs?: number
  readonly open: (place: Place, without: Safeguard | undefined) => Store
}

/** The race is about order, not about speed: no answer of a busy machine is late. */
const DEADLINE_MS = 30_000

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
function openTiered(place: Place, without: Safeguard | undefined): Store {
  const store = openRedis(place)
  if (without === 'word') {
    const onInvalidation = store.onInvalidation.bind(store)
    store.onInvalidation = (listener) => onInvalidation({ ...listener, evicted() {} })
  }
  return new TieredStore(store, { maxBytes: 1_000_000, maxAgeMs: 3_600_000 })
}

function openRedis({ redisUrl, keyPrefix }: Place): RedisStore {
  if (redisUrl === null) throw new Error('this store needs the URL of a Redis')
  const client = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // What is asked in one turn leaves in one packet: most of what a command costs is its packet.
    enableAutoPipelining: true,
  })
  return new RedisStore({
    client,
    keyPrefix: `${keyPrefix}cache:`,
    deadlineMs: DEADLINE_MS,
    ownsClient: true,
  })
}
