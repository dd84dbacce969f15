import type { Redis } from 'ioredis'
import { show, sum } from './figures.js'
import { tableOf } from './table.js'

/** What the entries take in one Redis, altogether and by kind of key. */
export interface MemoryUse {
  readonly total: number
  /** In bytes, as MEMORY USAGE has them: for each kind, of every key. */
  readonly sizesByKind: ReadonlyMap<string, readonly number[]>
}

const VALUES = 'the values, under their keys'

/** @param values - By key; all other keys are bookkeeping, of the kind that their name tells after a `#`. */
export async function sizesByKind(
  redis: Redis,
  values: ReadonlyMap<string, unknown>,
): Promise<Map<string, number[]>> {
  const keys = await redis.keys('*')
  const sizes = await Promise.all(keys.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)))
  const sizesByKind = new Map<string, number[]>([[VALUES, []]])
  for (const [index, key] of keys.entries()) {
    const kind = values.has(key) ? VALUES : (key.match(/#[^:{}]*/)?.[0] ?? key)
    const ofKind = sizesByKind.get(kind) ?? []
    ofKind.push(sizes[index] ?? 0)
    sizesByKind.set(kind, ofKind)
  }
  return sizesByKind
}

/** Side by side: with the cache, and without it. */
export function memoryTable(cached: MemoryUse, plain: MemoryUse, entries: number): string {
  const rowOf = (name: string, keys: string, bytes: number, plainBytes: number) => {
    return [name, keys, show(bytes), show(plainBytes), show((bytes - plainBytes) / entries, 1)]
  }
  const rows = [...cached.sizesByKind].map(([kind, sizes]) => {
    return rowOf(kind, show(sizes.length), sum(sizes), sum(plain.sizesByKind.get(kind) ?? []))
  })
  const rest = ({ total, sizesByKind }: MemoryUse) => total - sum([...sizesByKind.values()].flat())
  return tableOf(
    ['what', 'keys', 'through the routes', 'SET … EX', 'difference for each entry'],
    [
      ...rows,
      rowOf('the rest: hash tables of Redis, scripts', '–', rest(cached), rest(plain)),
      rowOf('all', '–', cached.total, plain.total),
    ],
  )
}
