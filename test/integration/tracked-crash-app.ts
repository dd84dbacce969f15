// A process that renames a book, in a transaction or with a single statement, and stops in the midst of it, commits, or dies
// as soon as the database has committed.
import { createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import pg from 'pg'

const [redis, keyPrefix, database, title = '', end = '', crashSafe] = process.argv.slice(2)

/** Kills its process once a commit is there, before anybody above it hears of that. */
class DyingClient extends pg.Client {
  override query = (...args: unknown[]): never => {
    const [query] = args
    const commits = query === 'COMMIT' || (end === 'die after a statement' && isUpdate(query))
    const die = () => process.kill(process.pid, 'SIGKILL')
    const given = commits ? args.map((arg) => (typeof arg === 'function' ? die : arg)) : args
    return Reflect.apply(pg.Client.prototype.query, this, given) as never
  }
}

function isUpdate(query: unknown): boolean {
  return /^UPDATE/.test(typeof query === 'string' ? query : String((query as { text?: string }).text))
}

const cache = createCache({
  ...{ redis, keyPrefix, deadlineMs: 5_000, leaseMs: 1_000 },
  crashSafe: crashSafe === 'crashSafe',
})
await cache.ready()
const Client = end.startsWith('die') ? DyingClient : pg.Client
const pool = trackPg(cache).pool(new pg.Pool({ connectionString: database, Client }))
const client = await pool.connect()
if (end !== 'die after a statement') await client.query('BEGIN')
await client.query('UPDATE books SET title = $1 WHERE id = 1', [title])
console.log('written')
if (end !== 'wait') {
  await client.query('COMMIT')
  console.log('committed')
}
// Until it is killed.
setInterval(() => {}, 1_000)
