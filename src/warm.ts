import { LoadTags, type RunningLoads } from './dependencies/load-tags.js'
import type { CacheEvent } from './engine/cache-event.js'
import type { Engine } from './engine/engine.js'
import { CacheError } from './errors.js'
import { encodeValue } from './json-value.js'
import { renderKey } from './keys/render.js'
import { type Placeholder, parseTag, parseTemplate } from './keys/template.js'
import { checkOptions } from './rules/check-options.js'
import { tagsOfReads } from './rules/declared-tags.js'
import { type Duration, toMilliseconds } from './rules/duration.js'
import { renderTags, withGiven } from './rules/entry-tags.js'
import { groupOf } from './stores/store.js'
import { wrongOption } from './tools/check-values.js'
import { follow } from './tools/follow.js'
import { isAsync } from './tools/guarded.js'

/** What to warm the cache with. */
export interface WarmOptions<Row> {
  /** A key template; `{id}` is the row's field of that name, `{customer.id}` is not known here. */
  readonly key: string
  readonly ttl: Duration
  /** Reads the rows. Called again, twice at most, if something of theirs was evicted meanwhile. */
  readonly load: () => Promise<readonly Row[]>
  /** What the route would answer for a row. @defaultValue the row itself */
  readonly value?: (row: Row) => unknown
  /** What each entry is to carry, as the rule of its key gives it: templates of the row's fields. */
  readonly tags?: string | readonly string[]
  /** The tables that they are made from, as the rule of their key gives them. */
  readonly reads?: string | readonly string[]
  /** What the rows are called in log lines. @defaultValue the key's first segment */
  readonly name?: string
}

const MAX_LOADS = 3
/** Rows stored at a time: enough to fill a round trip, few enough to show progress and stay polite. */
const BATCH = 50

/** What became of a row; `null`: the store is unavailable. */
type Outcome = 'stored' | 'present' | 'refused' | 'skipped' | null

/** What warming works on. */
export interface WarmContext {
  readonly engine: Engine
  readonly emit: (event: CacheEvent) => void
  readonly loads: RunningLoads
  readonly lifetimeMs: (key: string, ttlMs: number) => number
  /** Warns where a rule gives the entries of a key tags, and this is to store one without. */
  readonly warnOfUntagged: (key: string, where: string) => void
}

/**
 * Stores rows where no value is yet. Each carries what `load` was given tags of, as a route's answer does.
 *
 * The rows are read behind a fence: if one of the same group is evicted between reading and storing, what is
 * left is read anew, so an older value never follows a newer one.
 *
 * @returns How many values were stored.
 */
export async function warm<Row>(options: WarmOptions<Row>, context: WarmContext): Promise<number> {
  const { engine, emit, loads, lifetimeMs, warnOfUntagged } = context
  const where = `cache.warm('${options.key}')`
  const template = parseTemplate(options.key, where)
  const ttlMs = toMilliseconds(options.ttl, 'TTL', where)
  const group = groupOf(options.key)
  const name = options.name ?? group
  if (isAsync(options.value)) {
    throw wrongOption(where, 'value is an async function', 'Let load wait for all that value needs.')
  }
  checkOptions('cache.warm', { reads: options.reads }, where)
  const declared = [options.tags ?? []].flat().map((tag) => parseTag(tag, where))
  const tags = [...declared, ...tagsOfReads(options.reads)]
  const stranger = [template, ...tags]
    .flatMap(({ placeholders }) => placeholders)
    .find((placeholder) => fieldOf(placeholder) === undefined)
  if (stranger || group.includes('{')) {
    throw new CacheError('E_CACHE_SOURCE', {
      where,
      problem: stranger ? `${stranger.text} is no field of a row` : 'the key begins with a placeholder',
      mend: `Name the row's fields after a fixed segment: 'customer:{id}'.`,
    })
  }

  let stored = 0
  for (let attempts = 0; attempts < MAX_LOADS; attempts++) {
    const fence = await engine.fence(group)
    if (fence === null) return stopEarly('the store is unavailable')
    const given = new LoadTags()
    const rows = await loads.settle(given, options.load)
    const stop = await storeAll(rows, fence, given)
    if (stop === undefined) return stored
    if (stop === 'unavailable') return stopEarly('the store is unavailable')
  }
  return stopEarly('it was evicted again and again')

  function stopEarly(reason: string): number {
    emit({ type: 'warm-stopped', name, stored, reason })
    return stored
  }

  /** @returns Why it did not get to the end; `undefined` if it did. */
  async function storeAll(
    rows: readonly Row[],
    fence: string,
    given: LoadTags,
  ): Promise<'refused' | 'unavailable' | undefined> {
    let warmed = 0
    for (let start = 0; start === 0 || start < rows.length; start += BATCH) {
      const outcomes = await storeBatch(rows.slice(start, start + BATCH), fence, given)
      const count = (wanted: string | null) => outcomes.filter((outcome) => outcome === wanted).length
      stored += count('stored')
      warmed += count('stored') + count('present')
      if (count('refused') > 0) return 'refused'
      if (count(null) > 0) return 'unavailable'
      emit({ type: 'warm', name, done: Math.min(start + BATCH, rows.length), total: rows.length, warmed })
    }
    return undefined
  }

  /** Most rows are there already when a process of several starts, and need not be sent. */
  async function storeBatch(batch: readonly Row[], fence: string, given: LoadTags): Promise<Outcome[]> {
    const rows = batch.map((row) => ({
      row,
      rendered: renderKey(template, (placeholder) => valueIn(row, placeholder)),
    }))
    const held = await engine.peekAll(rows.flatMap(({ rendered }) => (rendered.ok ? [rendered.key] : [])))
    const storing = rows.map(({ row, rendered }): Outcome | Promise<Outcome> => {
      if (!rendered.ok) return 'skipped'
      return held.shift() ? 'present' : storeOne(row, rendered.key, fence, given)
    })
    return Promise.all(storing)
  }

  async function storeOne(row: Row, key: string, fence: string, given: LoadTags): Promise<Outcome> {
    const bytes = encodeValue(options.value ? options.value(row) : row, where)
    if (bytes === undefined) return 'skipped'
    const declared = renderTags(tags, (placeholder) => valueIn(row, placeholder))
    const entry = withGiven(declared, given)
    if (!entry.ok) return 'skipped'
    if (entry.tags.length === 0) warnOfUntagged(key, where)
    const lifeMs = lifetimeMs(key, ttlMs)
    return engine.putIfAbsent(key, fence, bytes, lifeMs, entry.tags.length > 0 ? entry.tags : undefined)
  }
}

/** The field of a row that a placeholder names: `{id}`. `{user}` is one too: rows are not signed in. */
function fieldOf({ source, path }: Placeholder): string | undefined {
  if (source === 'bare') return path[0]
  return source === 'user' && path.length === 0 ? 'user' : undefined
}

function valueIn(row: unknown, placeholder: Placeholder): unknown {
  const field = fieldOf(placeholder)
  return field === undefined ? undefined : follow(row, [field])
}
