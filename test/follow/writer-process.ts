// A process that writes one row through a tracked pool, each time it is told to, until it is killed.
import { createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import pg from 'pg'

export interface Write {
  readonly id: number
  readonly version: number
}

const [redis, keyPrefix, database] = process.argv.slice(2)
const cache = createCache({ ...{ redis, keyPrefix, deadlineMs: 5_000 } })
await cache.ready()
const pool = trackPg(cache).pool(new pg.Pool({ connectionString: database, max: 1 }))
// Once, so that it need not read the catalogue when it counts. There is no such row.
await pool.query('UPDATE items SET version = $2 WHERE id = $1', [-1, 0])
process.on('message', async ({ id, version }: Write) => {
  await pool.query('UPDATE items SET version = $2 WHERE id = $1', [id, version])
  process.send?.('evicted')
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
