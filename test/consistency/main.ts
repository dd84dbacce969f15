// Races clients on a cache and reports what they saw. Exit code 1 says that there were violations.
import { startRedis } from '../support/redis-server.js'
import { STORES } from './open-store.js'
import { type RaceOptions, readOptions, USAGE } from './options.js'
import { race } from './race.js'
import { progressLine, report } from './report.js'

const options = optionsOrExit()
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

const { REDIS_URL } = process.env
const started = STORES[options.store].isShared && !REDIS_URL ? await startRedis() : undefined
try {
  console.log(`seed ${options.seed}`)
  const result = await race(options, {
    redisUrl: REDIS_URL || (started?.url ?? null),
    signal: interrupted.signal,
    onProgress: (soFar) => console.log(progressLine(soFar)),
  })
  console.log(`\n${report(result)}`)
  process.exitCode = result.violations === 0 ? 0 : 1
} finally {
  await started?.stop()
}

function optionsOrExit(): RaceOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(2)
  }
}
