import { byteOrder } from '../../tools/byte-order.js'
import { type BrowsedEntry, type BrowsedPage, type BrowseRequest, LOOKS_PER_ENTRY } from '../browsing.js'
import type { RedisConnection } from '../redis/redis-connection.js'
import { groupOf } from '../store.js'
import { browseShard, type ListedKey, readSize } from './cluster-browsing-scripts.js'
import type { ClusterNames, Shard } from './cluster-names.js'
import { count } from './cluster-scripts.js'

/** How much one script looks at, so that none keeps a server from others for more than a few milliseconds. */
const KEYS_AT_ONCE = 40

export interface ClusterBrowsingOptions {
  readonly connection: Pick<RedisConnection, 'execute'>
  readonly names: ClusterNames
}

/** As of `Store`: what the shards list, merged, and then what lies under it. */
export async function browsePage(
  options: ClusterBrowsingOptions,
  { prefix, after = '', limit }: BrowseRequest,
): Promise<BrowsedPage> {
  const shards = shardsOf(options.names, prefix)
  const entries: BrowsedEntry[] = []
  let cursor = byteOrder(after, prefix) < 0 ? '' : after
  let looks = LOOKS_PER_ENTRY * limit
  while (looks > 0) {
    const { keys, isAll } = await nextKeys(options, shards, { prefix, after: cursor })
    for (let at = 0; at < keys.length; ) {
      const some = keys.slice(at, at + Math.min(limit - entries.length, KEYS_AT_ONCE))
      entries.push(...(await entriesOf(options, some)))
      at += some.length
      looks -= some.length
      cursor = some.at(-1)?.key ?? cursor
      const isRest = at < keys.length || !isAll
      if (isRest && (entries.length === limit || looks <= 0)) return { entries, next: cursor }
    }
    if (isAll) break
  }
  return { entries, next: null }
}

/** As of `Store`. */
export async function countKeys(
  { connection, names }: ClusterBrowsingOptions,
  prefix: string,
): Promise<number> {
  const shards = shardsOf(names, prefix)
  const counts = await connection.execute((client) =>
    Promise.all(shards.map((shard) => count(client, shard, { start: prefix }))),
  )
  return counts.reduce((sum, each) => sum + each, 0)
}

/** Keys that begin alike lie in one shard, if what they begin with ends a segment. */
function shardsOf(names: ClusterNames, prefix: string): readonly Shard[] {
  const group = groupOf(prefix)
  return group.length < prefix.length ? [names.shardOf(group)] : names.shards
}

/** The next listed keys, as far as all shards have been asked for those before them. */
async function nextKeys(
  { connection }: ClusterBrowsingOptions,
  shards: readonly Shard[],
  { prefix, after }: { readonly prefix: string; readonly after: string },
): Promise<{ readonly keys: readonly ListedKey[]; readonly isAll: boolean }> {
  const input = { start: prefix, after, budget: KEYS_AT_ONCE }
  const listed = await connection.execute((client) =>
    Promise.all(shards.map((shard) => browseShard(client, shard, input))),
  )
  const ends = listed.flatMap(({ keys, mayBeMore }) => (mayBeMore ? keys.slice(-1) : []))
  const [end] = ends.map(({ key }) => key).sort(byteOrder)
  const keys = listed.flatMap((page) => page.keys).sort((one, other) => byteOrder(one.key, other.key))
  if (end === undefined) return { keys, isAll: true }
  return { keys: keys.filter(({ key }) => byteOrder(key, end) <= 0), isAll: false }
}

async function entriesOf(
  { connection, names }: ClusterBrowsingOptions,
  keys: readonly ListedKey[],
): Promise<BrowsedEntry[]> {
  const sizes = await connection.execute((client) =>
    Promise.all(keys.map(({ key }) => readSize(client, { value: names.value(key) }, undefined))),
  )
  return keys.flatMap((listed, nth) => {
    const size = sizes[nth]
    return size ? [{ key: listed.key, ...size, tags: listed.tags }] : []
  })
}
