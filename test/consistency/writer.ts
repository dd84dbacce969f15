import { groupOf, type Selector } from '#src/stores/store.js'
import { type Client, randomTtlMs } from './client.js'
import type { WriteKind } from './counts.js'
import { readOnce } from './reader.js'
import { ROW_EVENTS, rowChanged } from './row-events.js'
import { encodeRow, keyOf, SHARED_ROWS, tagsOf } from './rows.js'

const SHARED_WRITES = ['key', 'pattern', 'glob', 'tag', 'tag', 'event', 'event', 'put'] as const
/** A value that is simply set has to be the newest, so its row has one writer only. */
const OWN_WRITES = ['set', 'set', 'set', 'put', 'key', 'pattern'] as const

/** How often a writer reads between two writes, at most. With less there are next to no hits. */
const MAX_READS = 10

/** Writes one after the other of the rows that others write too, and warms some now and then. */
export function keepWriting(client: Client): Promise<void> {
  return keepAt(client, () =>
    write(client, client.random.oneOf(SHARED_ROWS), client.random.oneOf(SHARED_WRITES)),
  )
}

/** The same with a row that nobody else writes meanwhile. */
export function keepWritingOwn(client: Client, row: string): Promise<void> {
  return keepAt(client, () => write(client, row, client.random.oneOf(OWN_WRITES)))
}

async function keepAt(client: Client, write: () => Promise<void>): Promise<void> {
  const { random, rested, isStopping } = client
  while (!isStopping()) {
    await rested()
    await (random.chance(0.1) ? warm(client) : write())
    for (let reads = random.below(MAX_READS); reads > 0; reads--) await readOnce(client)
  }
}

/** Stores some row ahead of its readers, as `cache.warm` does. */
async function warm({ engine, database, rows, random, pause, count }: Client): Promise<void> {
  const row = random.oneOf(rows)
  const key = keyOf(row, random)
  const fence = await engine.fence(groupOf(key))
  if (fence === null) return
  await pause()
  const version = await database.versionOf(row)
  await pause()
  const value = encodeRow({ key, version })
  const outcome = await engine.putIfAbsent(key, fence, value, randomTtlMs(random), tagsOf(row))
  if (outcome === 'stored') count('warmed')
}

/** Commits, lets the cache know in one of its ways, and promises the version to all, as the answer of a write does. */
async function write(client: Client, row: string, kind: WriteKind): Promise<void> {
  const { engine, database, promises, pause, count, keptEvictions } = client
  const fence = kind === 'put' ? await engine.fence(groupOf(row)) : null
  await pause()
  const version = await database.write(row)
  await pause()
  const keptBefore = keptEvictions()
  const begunAt = Date.now()
  await announce(client, row, version, kind, fence)
  count(kind)
  // Somebody else's may be among them; then one more is excepted than need be, if its process is alone.
  const isKept = keptEvictions() > keptBefore
  if (isKept) count('kept')
  await pause()
  const delivered = () => engine.whenDelivered()
  if (await promises.make({ row, version, isKept, begunAt, delivered })) count('keptAlone')
}

async function announce(
  { engine, bus, random }: Client,
  row: string,
  version: number,
  kind: WriteKind,
  fence: string | null,
): Promise<void> {
  const value = encodeRow({ key: row, version })
  switch (kind) {
    case 'put':
      return engine.put(row, fence, value, randomTtlMs(random), tagsOf(row))
    case 'set':
      return void (await engine.set(row, value, randomTtlMs(random)))
    case 'event':
      return bus.publish(ROW_EVENTS, rowChanged(row))
    default:
      return void (await engine.evict([selectorOf(row, kind, random.next())]))
  }
}

/** What covers the row, and mostly others with it. */
function selectorOf(row: string, kind: 'key' | 'pattern' | 'glob' | 'tag', luck: number): Selector {
  const group = groupOf(row)
  if (kind === 'key') return { kind, key: row }
  if (kind === 'tag')
    return luck < 0.7 ? { kind, tag: `row:${row}` } : { kind: 'tags', prefix: `row:${group}` }
  if (kind === 'pattern') return { kind, pattern: luck < 0.5 ? row : `${group}:*` }
  return { kind, glob: luck < 0.5 ? `${group}:[0-9]` : `${group.slice(0, 2)}*` }
}
