import type { Redis } from 'ioredis'

/** Removes what a glob matches as it is done without a list of keys: by looking at all that Redis holds. */
export async function scanAndDelete(redis: Redis, glob: string, count: number): Promise<number> {
  let removed = 0
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', glob, 'COUNT', count)
    if (keys.length > 0) removed += await redis.del(...keys)
    cursor = next
  } while (cursor !== '0')
  return removed
}
