// One of the applications of the race, in a process of its own. What it reads is tracked, or said by its rule; what it
// writes nobody sees but the database. It ends when the channel to the race closes.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setInterval } from 'node:timers'
import express, { type RequestHandler } from 'express'
import { createCache, type Logger } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import { followDatabase } from 'express-cacheable/postgres'
import pg from 'pg'
import { partsOf } from '#src/cache-parts.js'
import { KEEP_ALIVE_MS } from '../../support/http.js'
import { Random } from '../random.js'
import { randomPauses } from '../random-pauses.js'
import type { AppMessage, AppOptions } from './app-messages.js'
import { READS, type WriteKind, write } from './items.js'

const LONG = '1h'
/** All processes together have to leave some of the hundred connections that a PostgreSQL takes. */
const CONNECTIONS = 8
const TELL_EVERY_MS = 100

process.once('disconnect', () => process.exit())
const tell = (message: AppMessage): void => void process.send?.(message, () => {})

const [{ race, redisUrl, databaseUrl, keyPrefix, number }] = (await once(process, 'message')) as [AppOptions]
const pause = randomPauses(new Random(race.seed, number))
const { deadlineMs } = race
// What is worth telling is counted.
const silent: Logger = { debug() {}, info() {}, warn() {}, error: console.error }
const cache = createCache({
  redis: redisUrl,
  ...{ keyPrefix, deadlineMs, watchIdentity: false, logger: silent },
})
const connection = { connectionString: databaseUrl, max: CONNECTIONS }
const tracked = trackPg(cache).pool(new pg.Pool(connection))
const plain = new pg.Pool(connection)

let waits: number[] = []
cache.observe((event) => {
  if (event.type === 'barrier') waits.push(event.ms)
})

/** Between a query and its answer others write. */
function reads(pool: pg.Pool, text: string): RequestHandler<{ id?: string }> {
  return async ({ params }, res) => {
    await pause()
    const { rows } = await pool.query(text, params.id === undefined ? [] : [Number(params.id)])
    await pause()
    res.json(rows)
  }
}

const app = express().disable('x-powered-by')
app.get('/item/:id', cache.cacheable('item:{id}', LONG), reads(tracked, READS.item))
app.get('/group/:id', cache.cacheable('group:{id}', LONG), reads(tracked, READS.group))
app.get('/all', cache.cacheable('all', LONG, { reads: ['items'] }), reads(plain, READS.all))
if (race.barrier) app.use(cache.barrier())
app.put('/:kind/:id/:other', async ({ params }, res) => {
  res.json(await write(plain, params.kind as WriteKind, Number(params.id), Number(params.other)))
})

await followDatabase(cache, { connectionString: databaseUrl, from: race.from })
if (race.mute) {
  for (const database of partsOf(cache).followed.list()) database.position = async () => null
}
await cache.ready(app)
const server = app.listen(0, '127.0.0.1')
server.keepAliveTimeout = KEEP_ALIVE_MS
await once(server, 'listening')
tell({ kind: 'listening', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })

const tellWaits = (): void => {
  tell({ kind: 'waits', waits })
  waits = []
}
const telling = setInterval(tellWaits, TELL_EVERY_MS)
await once(process, 'message')
clearInterval(telling)
tellWaits()
server.close()
server.closeAllConnections()
await cache.close()
await Promise.all([tracked.end(), plain.end()])
process.disconnect()
