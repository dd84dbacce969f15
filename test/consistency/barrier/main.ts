// Lets writers write by raw SQL that nobody declares, and readers read through the caches of several processes; reports what
// they saw. Exit code 1 says that somebody read what was older than a write answered before.
import { startPostgres } from '../../support/postgres-server.js'
import { startRedis } from '../../support/redis-server.js'
import { barrierRace } from './barrier-race.js'
import { type BarrierRaceOptions, readOptions, USAGE } from './options.js'
import { progressLine, report } from './report.js'

const options = optionsOrExit()
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

const redis = await startRedis()
const postgres = await startPostgres(['wal_level=logical'])
try {
  console.log(`seed ${options.seed}`)
  const result = await barrierRace(options, {
    ...{ redisUrl: redis.url, postgresUrl: postgres.url, signal: interrupted.signal },
    onProgress: (soFar) => console.log(progressLine(soFar)),
  })
  console.log(`\n${report(result)}`)
  process.exitCode = result.violations === 0 ? 0 : 1
} finally {
  await postgres.stop()
  await redis.stop()
}

function optionsOrExit(): BarrierRaceOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(2)
  }
}
