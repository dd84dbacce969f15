import { Redis } from 'ioredis'
import { MemoryStore } from '#src/stores/memory-store.js'
import { RedisStore } from '#src/stores/redis-store.js'
import type { Store } from '#src/stores/store.js'

/** Where the processes of one race meet. */
export interface Place {
  /** `null` for a race within one process. */
  readonly redisUrl: string | null
  /** Before all keys of the race. */
  readonly keyPrefix: string
}

interface StoreKind {
  /** Whether several processes can work on it. */
  readonly isShared: boolean
  readonly open: (place: Place) => Store
}

/** The race is about order, not about speed: no answer of a busy machine is late. */
const DEADLINE_MS = 30_000

/** The stores that can be raced on. */
export const STORES = {
  redis: { isShared: true, open: openRedis },
  memory: { isShared: false, open: () => new MemoryStore() },
} as const satisfies Record<string, StoreKind>

export type StoreName = keyof typeof STORES

export const STORE_NAMES = Object.keys(STORES) as StoreName[]

export function isStoreName(name: string): name is StoreName {
  return name in STORES
}

function openRedis({ redisUrl, keyPrefix }: Place): Store {
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
