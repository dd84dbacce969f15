// A process that renames a book in a transaction, and stops in the midst of it or commits.
import { createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import pg from 'pg'

const [redis, database, title, end] = process.argv.slice(2)
const cache = createCache({ redis, keyPrefix: 'crash:', deadlineMs: 5_000 })
await cache.ready()
const pool = trackPg(cache).pool(new pg.Pool({ connectionString: database }))
const client = await pool.connect()
await client.query('BEGIN')
await client.query('UPDATE books SET title = $1 WHERE id = 1', [title])
console.log('written')
if (end === 'commit') {
  await client.query('COMMIT')
  console.log('committed')
}
// Until it is killed.
setInterval(() => {}, 1_000)
