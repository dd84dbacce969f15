// A process that follows the database, or stands by, and says what its cache has.
import { createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import { followDatabase } from 'express-cacheable/postgres'
import pg from 'pg'
import { partsOf } from '#src/cache-parts.js'

export type Question = { readonly nth: number } & (
  | { readonly kind: 'read'; readonly id: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'role' }
)

export interface Reply {
  readonly nth: number
  /** Of a row: its version, and whether it was a hit. Else whether all has been passed, or the role. */
  readonly answer: readonly [number, boolean] | boolean | string
}

const PASSED_WITHIN_MS = 60_000

const [redis, keyPrefix, connectionString = '', follows] = process.argv.slice(2)
const cache = createCache({ ...{ redis, keyPrefix, deadlineMs: 5_000 } })
await cache.ready()
const pool = trackPg(cache).pool(new pg.Pool({ connectionString }))
const follower = follows === 'follows' ? await followDatabase(cache, { connectionString }) : undefined
let loads = 0

async function load(id: number): Promise<number> {
  loads += 1
  const { rows } = await pool.query('SELECT version FROM items WHERE id = $1', [id])
  return Number(rows[0].version)
}

async function answerTo(question: Question): Promise<Reply['answer']> {
  if (question.kind === 'role') return follower?.status().role ?? 'none'
  if (question.kind === 'wait') {
    const [database] = partsOf(cache).followed.list()
    if (!database) return true
    const position = await database.position(PASSED_WITHIN_MS)
    return position !== null && database.passed(position, PASSED_WITHIN_MS)
  }
  const before = loads
  const version = await cache.wrap(`item:${question.id}`, 600, () => load(question.id))
  return [version, loads === before]
}

process.on('message', async (question: Question) => {
  process.send?.({ nth: question.nth, answer: await answerTo(question) } satisfies Reply)
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
