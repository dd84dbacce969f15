import type { Cache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { CommandError } from '#demo/command-error.js'
import { customer, customerList } from './crm.js'

/** Something to be stored. */
type Entry = readonly [key: string, value: unknown]

const BATCH = 1_000
/** Lists of this many customers have about 700 bytes. */
const LIMIT = 4
const DAY_SECONDS = 86_400

export function* customers(count: number): Generator<Entry> {
  for (let id = 1; id <= count; id++) yield [`customer:${id}`, customer(id)]
}

export function* lists(count: number): Generator<Entry> {
  for (let page = 1; page <= count; page++) {
    yield [`customers:list:${page}:${LIMIT}:all`, customerList(page, LIMIT, 'all')]
  }
}

/** As entries of the cache: with `cache.set`. */
export async function storeInCache(cache: Cache, entries: Iterable<Entry>): Promise<void> {
  await storeInBatches(entries, async ([key, value]) => {
    if (!(await cache.set(key, value, DAY_SECONDS))) throw new CommandError(`${key} could not be stored.`)
  })
}

/** As keys that the cache does not know. */
export async function storePlain(redis: Redis, entries: Iterable<Entry>): Promise<void> {
  await storeInBatches(entries, ([key, value]) => redis.set(key, JSON.stringify(value), 'EX', DAY_SECONDS))
}

async function storeInBatches(
  entries: Iterable<Entry>,
  store: (entry: Entry) => Promise<unknown>,
): Promise<void> {
  let batch: Promise<unknown>[] = []
  for (const entry of entries) {
    batch.push(store(entry))
    if (batch.length < BATCH) continue
    await Promise.all(batch)
    batch = []
  }
  await Promise.all(batch)
}
