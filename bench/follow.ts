// What it costs a PostgreSQL to be followed: statements of a server that writes its log for that, and is followed by another
// process, beside those of one that is not. And what a hit costs in a process that follows, while others write.
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from 'express-cacheable'
import { followDatabase } from 'express-cacheable/postgres'
import pg from 'pg'
import { startPostgres } from '../test/support/postgres-server.js'
import { median, show } from './figures.js'
import { forkProcess } from './fork-process.js'
import type { BarGroup } from './pictures/chart.js'
import { startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { atEnd, runBench } from './run-bench.js'
import { tableOf } from './table.js'

const FOLLOWER = new URL('../test/follow/reader-process.js', import.meta.url)
const ROWS = 10_000
const WARM_UP_CALLS = 300
const CALLS = 2_000
const BULK_CALLS = 60
const HITS = 20_000
const WRITES_PER_SECOND = 200

type Act = (client: pg.Client, nth: number) => Promise<unknown>

const idOf = (nth: number) => 1 + ((nth * 7) % ROWS)

const STATEMENTS: readonly (readonly [what: string, calls: number, act: Act])[] = [
  ['read of a row', CALLS, (client, nth) => client.query('SELECT * FROM items WHERE id = $1', [idOf(nth)])],
  ['insert', CALLS, (client, nth) => client.query('INSERT INTO notes (item_id) VALUES ($1)', [idOf(nth)])],
  [
    'update of a row',
    CALLS,
    (client, nth) => client.query('UPDATE items SET version = version + 1 WHERE id = $1', [idOf(nth)]),
  ],
  [
    'update of a row, REPLICA IDENTITY FULL',
    CALLS,
    (client, nth) => client.query('UPDATE wholes SET version = version + 1 WHERE id = $1', [idOf(nth)]),
  ],
  [
    'update of 1,000 rows',
    BULK_CALLS,
    (client, nth) =>
      client.query('UPDATE items SET version = version + 1 WHERE id BETWEEN $1 AND $1 + 999', [
        1 + (nth % 9) * 1_000,
      ]),
  ],
]

await runBench(main)

async function main(): Promise<void> {
  const { url: redis } = await startOwnRedis()
  const plain = await openDatabase(['wal_level=replica'])
  const followed = await openDatabase([])
  const child = forkProcess(FOLLOWER, {
    what: 'The follower',
    args: [redis, 'follow:', followed.url, 'follows'],
  })
  await child.hear()

  const measured: Measured[] = []
  for (const [what, calls, act] of STATEMENTS) {
    console.log(`Measuring: ${what} …`)
    const clients = [plain.client, followed.client]
    await timesOf(clients, act, Math.min(calls, WARM_UP_CALLS))
    const [without = [], along = []] = await timesOf(clients, act, calls)
    measured.push({ what, without: median(without), along: median(along) })
  }
  console.log('Measuring: hits …')
  measured.push(await hitsBesideWrites(redis, followed))
  const title = 'What it costs that a database is followed'
  await reportResult('follow', {
    title,
    command: 'npm run bench:follow',
    machine: machineOf(new Date(), { PostgreSQL: await versionOf(plain.client) }),
    tables: tableOf(['', 'without, ms', 'followed, ms', 'ratio'], measured.map(rowOf)),
    pictures: [{ kind: 'bars', title: `${title}, medians`, unit: 'ms', groups: measured.map(groupOf) }],
  })
}

/** Medians, in milliseconds. */
interface Measured {
  readonly what: string
  readonly without: number
  readonly along: number
}

function rowOf({ what, without, along }: Measured): string[] {
  return [what, show(without, 3), show(along, 3), show(along / without, 3)]
}

function groupOf({ what, without, along }: Measured): BarGroup {
  const bars = [
    { name: 'without', value: without },
    { name: 'followed', value: along },
  ]
  return { name: what, bars }
}

interface Database {
  readonly url: string
  readonly client: pg.Client
}

async function openDatabase(settings: readonly string[]): Promise<Database> {
  const server = await startPostgres(['synchronous_commit=on', ...settings])
  atEnd(() => server.stop())
  const client = new pg.Client(server.url)
  await client.connect()
  atEnd(() => client.end())
  await client.query(`
    CREATE TABLE items (id int PRIMARY KEY, version int NOT NULL, industry text, name text);
    CREATE INDEX ON items (industry);
    CREATE TABLE wholes (LIKE items INCLUDING ALL);
    ALTER TABLE wholes REPLICA IDENTITY FULL;
    CREATE TABLE notes (id serial PRIMARY KEY, item_id int REFERENCES items);
    INSERT INTO items SELECT n, 0, 'industry ' || n % 20, 'item ' || n FROM generate_series(1, ${ROWS}) AS n;
    INSERT INTO wholes SELECT * FROM items;
    CREATE PUBLICATION express_cacheable FOR ALL TABLES`)
  return { url: server.url, client }
}

/** Milliseconds that each call takes, of each server in turn, so that whatever else the machine does meets both alike. */
async function timesOf(clients: readonly pg.Client[], act: Act, calls: number): Promise<number[][]> {
  const times: number[][] = clients.map(() => [])
  for (let nth = 0; nth < calls; nth++) {
    for (const [which, client] of clients.entries()) {
      const startedAt = performance.now()
      await act(client, nth)
      times[which]?.push(performance.now() - startedAt)
    }
  }
  return times
}

/** Of two caches in this process: one that follows the database, and one that does not. */
async function hitsBesideWrites(redis: string, { url, client }: Database): Promise<Measured> {
  const caches = ['plain:', 'following:'].map((keyPrefix) =>
    createCache({ redis, keyPrefix, deadlineMs: 5_000 }),
  )
  for (const cache of caches) {
    atEnd(() => cache.close())
    await cache.ready()
  }
  const [, following] = caches
  if (following) await followDatabase(following, { connectionString: url })
  let isOver = false
  const writing = (async () => {
    for (let nth = 0; !isOver; nth++) {
      await client.query('UPDATE items SET version = version + 1 WHERE id = $1', [idOf(nth)])
      await sleep(1_000 / WRITES_PER_SECOND)
    }
  })()
  const times: number[][] = caches.map(() => [])
  for (let nth = 0; nth < HITS; nth++) {
    for (const [which, cache] of caches.entries()) {
      const startedAt = performance.now()
      await cache.wrap('answer', 600, () => 42)
      times[which]?.push(performance.now() - startedAt)
    }
  }
  isOver = true
  await writing
  const [without = [], along = []] = times
  const what = `hit, beside ${WRITES_PER_SECOND} writes a second`
  return { what, without: median(without), along: median(along) }
}

async function versionOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query('SHOW server_version')
  return String(rows[0].server_version).split(' ')[0] ?? ''
}
