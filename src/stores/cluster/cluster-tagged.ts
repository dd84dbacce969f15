import type { RedisConnection } from '../redis/redis-connection.js'
import type { TaggedEntry } from '../store.js'
import type { ClusterNames, Shard } from './cluster-names.js'
import { type FoundByTags, readExpiry, searchTags, type TagSearch } from './cluster-tag-scripts.js'

/** How much one script looks at, so that none keeps a server from others for more than a few milliseconds. */
const MEMBERS_AT_ONCE = 60
const TAGS_PER_CALL = 60
const KEYS_AT_ONCE = 100
/** An entry is found by each of its tags, and what has expired is looked at as well. */
const LOOKS_PER_ENTRY = 10

export interface ClusterTaggedOptions {
  readonly connection: Pick<RedisConnection, 'execute'>
  readonly names: ClusterNames
}

/** As of `Store`. An entry is told from another by its expiry, by the clock of the server that holds it. */
export async function taggedEntries(
  options: ClusterTaggedOptions,
  tags: readonly string[],
  limit: number,
): Promise<readonly TaggedEntry[]> {
  const found = await Promise.all(
    options.names.shards.map((shard) => keysByTags(options, shard, tags, limit)),
  )
  const carried = found.flatMap((keys) => [...keys])
  const entries: TaggedEntry[] = []
  for (let at = 0; at < carried.length && entries.length < limit; at += KEYS_AT_ONCE) {
    const some = carried.slice(at, at + KEYS_AT_ONCE)
    const expiries = await expiriesOf(
      options,
      some.map(([key]) => key),
    )
    for (const [nth, [key, tags]] of some.entries()) {
      const identity = expiries[nth]
      if (identity && entries.length < limit) entries.push({ key, identity, tags })
    }
  }
  return entries
}

/** When the values of some keys expire; `null` for one that is not there. */
function expiriesOf(
  { connection, names }: ClusterTaggedOptions,
  keys: readonly string[],
): Promise<readonly (string | null)[]> {
  return connection.execute((client) =>
    Promise.all(keys.map((key) => readExpiry(client, { value: names.value(key) }, undefined))),
  )
}

/** Which keys of a shard carry which of these tags, in batches, with other clients' commands between them. */
async function keysByTags(
  { connection }: ClusterTaggedOptions,
  shard: Shard,
  tags: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys = new Map<string, string[]>()
  let left = tags
  let after: string | Buffer = ''
  let looks = LOOKS_PER_ENTRY * limit
  while (left.length > 0 && keys.size < limit && looks > 0) {
    const search: TagSearch = { tags: left.slice(0, TAGS_PER_CALL), after, budget: MEMBERS_AT_ONCE }
    const { found, rest }: FoundByTags = await connection.execute((client) =>
      searchTags(client, shard, search),
    )
    for (const { nth, key } of found) {
      const tag = search.tags[nth]
      if (tag === undefined) continue
      const carried = keys.get(key)
      if (carried) carried.push(tag)
      else keys.set(key, [tag])
    }
    left = left.slice(rest ? rest.done : search.tags.length)
    after = rest?.after ?? ''
    looks -= MEMBERS_AT_ONCE
  }
  return keys
}
