import type { CacheEvent } from './engine/cache-event.js'
import type { Engine } from './engine/engine.js'
import { CacheError } from './errors.js'
import { encodeRepresentation, JSON_TYPE } from './express/representation.js'
import { follow } from './keys/follow.js'
import { renderKey } from './keys/render.js'
import { parseTemplate } from './keys/template.js'
import { type Duration, toMilliseconds } from './rules/duration.js'
import { groupOf } from './stores/store.js'

/** What to warm the cache with. */
export interface WarmOptions<Row> {
  /** A key template; `{id}` is the row's field of that name, `{customer.id}` is not known here. */
  readonly key: string
  readonly ttl: Duration
  /** Reads the rows. Called again, twice at most, if something of theirs was evicted meanwhile. */
  readonly load: () => Promise<readonly Row[]>
  /** What the route would answer for a row. @defaultValue the row itself */
  readonly value?: (row: Row) => unknown
  /** What the rows are called in log lines. @defaultValue the key's first segment */
  readonly name?: string
}

const MAX_LOADS = 3
/** Rows stored at a time: enough to fill a round trip, few enough to show progress and stay polite. */
const BATCH = 50

/**
 * Stores rows where no value is yet.
 *
 * The rows are read behind a fence: if one of the same group is evicted between reading and storing, what is
 * left is read anew, so an older value never follows a newer one.
 *
 * @returns How many values were stored.
 */
export async function warm<Row>(
  options: WarmOptions<Row>,
  engine: Engine,
  emit: (event: CacheEvent) => void,
): Promise<number> {
  const where = `cache.warm('${options.key}')`
  const template = parseTemplate(options.key, where)
  const ttlMs = toMilliseconds(options.ttl, 'TTL', where)
  const group = groupOf(options.key)
  const name = options.name ?? group
  const stranger = template.placeholders.find(({ source }) => source !== 'bare')
  if (stranger || group.includes('{')) {
    throw new CacheError('E_CACHE_SOURCE', {
      where,
      problem: stranger ? `${stranger.text} is no field of a row` : 'the key begins with a placeholder',
      mend: `Name the row's fields after a fixed segment: 'customer:{id}'.`,
    })
  }

  let stored = 0
  for (let loads = 0; loads < MAX_LOADS; loads++) {
    const fence = await engine.fence(group)
    if (fence === null) break
    const rows = await options.load()
    const outcome = await storeAll(rows, fence)
    stored += outcome.stored
    if (outcome.isComplete) break
  }
  return stored

  async function storeAll(
    rows: readonly Row[],
    fence: string,
  ): Promise<{ stored: number; isComplete: boolean }> {
    let count = 0
    for (let start = 0; start < rows.length; start += BATCH) {
      const outcomes = await Promise.all(rows.slice(start, start + BATCH).map((row) => storeOne(row, fence)))
      count += outcomes.filter((outcome) => outcome === 'stored').length
      if (outcomes.includes('refused')) return { stored: count, isComplete: false }
      if (outcomes.includes(null)) return { stored: count, isComplete: true }
      emit({ type: 'warm', name, done: Math.min(start + BATCH, rows.length), total: rows.length })
    }
    if (rows.length === 0) emit({ type: 'warm', name, done: 0, total: 0 })
    return { stored: count, isComplete: true }
  }

  async function storeOne(
    row: Row,
    fence: string,
  ): Promise<'stored' | 'present' | 'refused' | 'skipped' | null> {
    const rendered = renderKey(template, ({ path }) => follow(row, path))
    const text = JSON.stringify(options.value ? options.value(row) : row)
    if (!rendered.ok || text === undefined) return 'skipped'
    const value = encodeRepresentation({
      status: 200,
      headers: { 'content-type': JSON_TYPE },
      body: Buffer.from(text),
    })
    return engine.putIfAbsent(rendered.key, fence, value, ttlMs)
  }
}
