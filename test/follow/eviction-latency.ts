import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import { followDatabase } from 'express-cacheable/postgres'
import pg from 'pg'
import { until } from '../support/until.js'

export interface LatencyOptions {
  readonly redis: string
  readonly database: string
  readonly keyPrefix: string
  readonly writesPerSecond: number
  readonly seconds: number
}

export interface Latencies {
  readonly writes: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const WRITERS = 8
const ROWS = 1_000

/** How long after its commit was acknowledged to whoever wrote it a row was gone from Redis, under load: milliseconds. */
export async function evictionLatencies(options: LatencyOptions): Promise<Latencies> {
  const { redis, keyPrefix, database, writesPerSecond, seconds } = options
  const pool = new pg.Pool({ connectionString: database, max: WRITERS })
  pool.on('error', () => {})
  await pool.query(`CREATE TABLE parts (id int PRIMARY KEY, version int NOT NULL);
    INSERT INTO parts SELECT n, 0 FROM generate_series(1, ${ROWS}) AS n`)
  const cache = createCache({ redis, keyPrefix, deadlineMs: 5_000 })
  trackPg(cache)
  const committed = new Map<string, number>()
  const gone = new Map<string, number>()
  const latencies: number[] = []
  const note = (tag: string) => {
    const [from, to] = [committed.get(tag), gone.get(tag)]
    if (from === undefined || to === undefined) return
    latencies.push(Math.max(0, to - from))
    committed.delete(tag)
    gone.delete(tag)
  }
  cache.observe((event) => {
    if (event.type !== 'evict' || event.by !== 'the database') return
    const now = performance.now()
    for (const target of event.targets) {
      const [, tag] = /(parts#\d+)/.exec(target) ?? []
      if (tag === undefined) continue
      gone.set(tag, now)
      note(tag)
    }
  })
  await cache.ready()
  const follower = await followDatabase(cache, { connectionString: database })
  await until('it to follow', () => follower.status().role === 'following')
  // Each row waits until its last write is gone, so that no two are confused.
  const free = Array.from({ length: ROWS }, (_, nth) => nth + 1)
  const startedAt = performance.now()
  const write = async (nth: number): Promise<void> => {
    await sleep(Math.max(0, startedAt + (1_000 * nth) / writesPerSecond - performance.now()))
    const id = free.shift()
    if (id === undefined) return
    await pool.query('UPDATE parts SET version = version + 1 WHERE id = $1', [id])
    committed.set(`parts#${id}`, performance.now())
    note(`parts#${id}`)
    await until('it to be gone', () => !committed.has(`parts#${id}`))
    free.push(id)
  }
  await Promise.all(Array.from({ length: writesPerSecond * seconds }, (_, nth) => write(nth)))
  await follower.close()
  await cache.close()
  await pool.end()
  latencies.sort((one, other) => one - other)
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return { writes: latencies.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}
