import type { Redis } from 'ioredis'
import { Cache, createCache } from './cache.js'

let defaultCache: Cache | null = null
let isOurs = false

/**
 * Connects the helpers of this module to the Redis at `REDIS_URL`.
 *
 * @param cache - Lets the helpers work on a cache that exists, over its connection, instead of one of their own.
 * @returns The client; `null` if there is no `REDIS_URL` or it cannot be reached now. The helpers go on trying.
 * @throws CacheError `E_CACHE_OPTION` if `REDIS_URL` is no Redis URL.
 * @example
 * const redis = await initRedis()
 * if (!redis) console.warn('Starting without Redis')
 */
export async function initRedis(cache?: Cache): Promise<Redis | null> {
  if (cache) {
    await disconnectRedis()
    defaultCache = cache
  } else if (!defaultCache && process.env.REDIS_URL) {
    defaultCache = createCache({ redis: process.env.REDIS_URL })
    isOurs = true
  }
  await defaultCache?.ready()
  return getRedis()
}

/** Closes what `initRedis` opened; a cache that was passed in is only let go of. */
export async function disconnectRedis(): Promise<void> {
  const closing = isOurs ? defaultCache : null
  defaultCache = null
  isOurs = false
  await closing?.close()
}

/** The live client, or `null`. */
export function getRedis(): Redis | null {
  return defaultCache?.status().available ? (defaultCache.redis as Redis | null) : null
}

/** The value under a key, or `null` on a miss or any Redis trouble. */
export async function cacheGet<T>(key: string): Promise<T | null> {
  return (await defaultCache?.get<T>(key)) ?? null
}

/**
 * Stores a value as JSON; a route with that key answers it.
 * @param ttlSeconds - Without it, the cache's default: 300.
 * @returns Whether it was stored.
 */
export async function cacheSet(key: string, value: unknown, ttlSeconds?: number): Promise<boolean> {
  return (await defaultCache?.set(key, value, ttlSeconds)) ?? false
}

/** Removes a key. @returns Whether one was removed. */
export async function cacheDel(key: string): Promise<boolean> {
  return (await defaultCache?.delete(key)) ?? false
}

/** Removes the keys that a Redis glob matches. @returns How many were removed. */
export async function cacheDelPattern(pattern: string): Promise<number> {
  return (await defaultCache?.deletePattern(pattern)) ?? 0
}
