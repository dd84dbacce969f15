// Kills writers at random moments between their commits and what they evict, and processes that follow the database, and
// says whether anybody read what was there before once the follower had passed. Exit code 1 says that somebody did. Then
// measures how long after commits that is.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../support/postgres-server.js'
import { startRedis } from '../support/redis-server.js'
import { until } from '../support/until.js'
import { evictionLatencies } from './eviction-latency.js'
import { killWriters, type Tally } from './kill-writers.js'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { kills: text, seed: text, rate: text, without: { type: 'boolean' }, help: { type: 'boolean' } },
})
if (values.help) {
  console.log(`
node build/test/follow/main.js [options]

  --kills 1000  how many writers die
  --seed        repeats the choices of the run that printed it, but not the time that each step takes
  --rate 500    writes a second while latencies are measured
  --without     nobody follows the database: then what writers leave behind is read`)
  process.exit(0)
}

const seed = Number(values.seed ?? randomInt(2 ** 32))
const follows = !values.without
console.log(`seed ${seed}, ${follows ? 'followed' : 'not followed'}`)
const redis = await startRedis()
const server = await startPostgres(['synchronous_commit=on'])
const admin = new pg.Pool({ connectionString: server.url })
// Of the end of the server.
admin.on('error', () => {})
const servers = { redis: redis.url, database: server.url }
try {
  const kills = Number(values.kills ?? 1_000)
  const tally = await killWriters({ ...servers, admin, keyPrefix: 'kill:', kills, seed, follows, tell })
  const slots = async () => (await admin.query('SELECT FROM pg_replication_slots')).rowCount
  await until('all slots to be gone', async () => (await slots()) === 0)
  process.exitCode = tally.stale + tally.late > 0 ? 1 : 0
  if (follows) {
    const writesPerSecond = Number(values.rate ?? 500)
    const { writes, p50, p99, max } = await evictionLatencies({
      ...servers,
      ...{ keyPrefix: 'late:', writesPerSecond, seconds: 10 },
    })
    console.log(
      `${writes} writes, ${writesPerSecond} a second: gone ${p50.toFixed(2)} ms after the commit (p50), ${p99.toFixed(2)} ms (p99), ${max.toFixed(2)} ms (most)`,
    )
  }
} finally {
  await admin.end()
  await server.stop()
  await redis.stop()
}

function tell(tally: Tally): void {
  const { kills, beforeCommit, unevicted, evicted, handovers, cached, reads, hits, stale, late } = tally
  console.log(
    `${kills} writers killed (${beforeCommit} before the commit, ${unevicted} between it and the eviction, ${evicted} after it), ${cached} rows cached before; ${handovers} followers killed; ${reads} reads, ${hits} hits: ${stale} stale, ${late} late`,
  )
}
