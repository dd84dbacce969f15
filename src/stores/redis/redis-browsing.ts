import { byteOrder } from '../../tools/byte-order.js'
import { type BrowsedEntry, type BrowsedPage, type BrowseRequest, LOOKS_PER_ENTRY } from '../browsing.js'
import {
  type BrowsedBatch,
  browse,
  type CountedBatch,
  type CountedRange,
  countListed,
} from './browsing-scripts.js'
import type { RedisConnection } from './redis-connection.js'
import type { RedisNames } from './redis-names.js'

/** How much one script looks at, so that none keeps Redis from others for more than a few milliseconds. */
const KEYS_AT_ONCE = 60
const PAGES_AT_ONCE = 150

export interface RedisBrowsingOptions {
  readonly connection: Pick<RedisConnection, 'execute'>
  readonly names: RedisNames
}

/** As of `Store`, in batches, with other clients' commands between them. */
export async function browsePage(
  { connection, names }: RedisBrowsingOptions,
  { prefix, after = '', limit }: BrowseRequest,
): Promise<BrowsedPage> {
  const entries: BrowsedEntry[] = []
  let cursor: string | Buffer = byteOrder(after, prefix) < 0 ? '' : after
  for (let looks = LOOKS_PER_ENTRY * limit; looks > 0; looks -= KEYS_AT_ONCE) {
    const batch = {
      ...{ prefix: names.prefix, start: prefix, after: cursor },
      ...{ budget: KEYS_AT_ONCE, most: limit - entries.length },
    }
    const found: BrowsedBatch = await connection.execute((client) => browse(client, names, batch))
    entries.push(...found.entries)
    if (found.next === null) return { entries, next: null }
    cursor = found.next
    if (entries.length === limit) break
  }
  return { entries, next: String(cursor) }
}

/** As of `Store`, in batches, with other clients' commands between them. */
export async function countKeys(
  { connection, names }: RedisBrowsingOptions,
  prefix: string,
): Promise<number> {
  let total = 0
  let after: CountedBatch['next'] | string = ''
  while (after !== null) {
    const batch: CountedRange = { start: prefix, after, pages: PAGES_AT_ONCE }
    const { count, next }: CountedBatch = await connection.execute((client) =>
      countListed(client, names, batch),
    )
    total += count
    after = next
  }
  return total
}
