// Writes and reads through the CRM at random, with a cache and without, and prints what differs, and what comes from the
// cache rule by rule. Exit code 1 says that something differed.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { readConfig } from '#demo/config.js'
import { startPostgres } from '../../support/postgres-server.js'
import { runCrmTwins } from './crm-twin.js'
import { startCrmTwins } from './crm-twins.js'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: {
    steps: text,
    seed: text,
    evictions: text,
    database: text,
    follow: text,
    help: { type: 'boolean' },
  },
})
if (values.help) {
  console.log(`
npm run twin:crm -- [options]

  --steps 10000         reads and writes by three people and those who register meanwhile
  --evictions derived   nothing is declared; or declared
  --database pglite     or postgres, for one of the run's own
  --follow log          or outbox: all is written through the CRM without a cache, on a PostgreSQL of the run's own
  --seed                repeats the choices of the run that printed it`)
  process.exit(0)
}
const steps = Number(values.steps ?? 10_000)
const seed = Number(values.seed ?? randomInt(2 ** 31))
const { evictions } = readConfig({ EVICTIONS: values.evictions ?? 'derived' })
const isFollowed = values.follow !== undefined
const postgres = values.database === 'postgres' || isFollowed ? await startPostgres() : undefined
const { follow } = readConfig({ FOLLOW: values.follow, DATABASE_URL: postgres?.url })
console.log(`seed ${seed}`)
const twins = await startCrmTwins(evictions, { databaseUrl: postgres?.url, follow })
const onProgress = (step: number) => console.log(`${step} steps`)
const { reads, hits, differences } = await runCrmTwins(twins, twins.staff, { steps, seed, onProgress })
for (const difference of differences.slice(0, 10)) console.log(difference)
console.log(`\n${steps} steps, ${evictions}: ${reads} reads compared, ${differences.length} differences`)
console.log(`hit rate ${(hits / reads).toFixed(3)}`)
for (const rule of twins.cached.cache.stats().rules) {
  console.log(`  ${rule.key.padEnd(80)} ${(rule.hits / (rule.hits + rule.misses)).toFixed(3)}`)
}
await twins.close()
await postgres?.stop()
process.exitCode = differences.length === 0 ? 0 : 1
