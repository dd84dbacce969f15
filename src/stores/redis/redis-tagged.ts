import type { TaggedEntry } from '../store.js'
import type { RedisConnection } from './redis-connection.js'
import type { RedisNames } from './redis-names.js'
import { type FoundByTags, type TagSearch, tagged } from './redis-scripts.js'

/** How much one script looks at, so that none keeps Redis from others for more than a few milliseconds. */
const MEMBERS_AT_ONCE = 60
const TAGS_PER_CALL = 60
/** An entry is found by each of its tags, and what has expired is looked at as well. */
const LOOKS_PER_ENTRY = 10

export interface RedisTaggedOptions {
  readonly connection: Pick<RedisConnection, 'execute'>
  readonly names: RedisNames
}

/** As of `Store`, in batches, with other clients' commands between them. An entry is told from another by its expiry. */
export async function taggedEntries(
  { connection, names }: RedisTaggedOptions,
  tags: readonly string[],
  limit: number,
): Promise<readonly TaggedEntry[]> {
  const entries = new Map<string, { identity: string; tags: string[] }>()
  let left = tags
  let after: string | Buffer = ''
  let looks = LOOKS_PER_ENTRY * limit
  while (left.length > 0 && entries.size < limit && looks > 0) {
    const search: TagSearch = {
      tags: left.slice(0, TAGS_PER_CALL),
      after,
      budget: MEMBERS_AT_ONCE,
      prefix: names.prefix,
    }
    const { found, rest }: FoundByTags = await connection.execute((client) => tagged(client, names, search))
    for (const { nth, key, expiry } of found) {
      const tag = search.tags[nth]
      const entry = entries.get(key)
      if (tag === undefined || (!entry && entries.size === limit)) continue
      if (entry?.identity === expiry) entry.tags.push(tag)
      // Another has been stored since the batch before.
      else entries.set(key, { identity: expiry, tags: [tag] })
    }
    left = left.slice(rest ? rest.done : search.tags.length)
    after = rest?.after ?? ''
    looks -= MEMBERS_AT_ONCE
  }
  return [...entries].map(([key, entry]) => ({ key, ...entry }))
}
