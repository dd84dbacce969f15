// Reads and writes articles at random, with a cache and without, and prints what differs. Exit code 1 says that
// something did.
import { startPostgres } from '../../support/postgres-server.js'
import { type CommandOptions, readOptions, USAGE } from '../twin/options.js'
import { resultText } from '../twin/result.js'
import { runTwin } from '../twin/run-twin.js'
import { openArticles } from './database.js'
import { openTwinArticles } from './twin-subject.js'

const options = optionsOrExit()
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

const server = options.database === 'postgres' ? await startPostgres() : undefined
const url = server?.url ?? (options.database === 'pglite' ? undefined : options.database)
const database = await openArticles(url)
try {
  console.log(`seed ${options.seed}`)
  const subject = await openTwinArticles(database, options)
  const result = await runTwin(subject, {
    ...options,
    signal: interrupted.signal,
    onProgress: ({ steps, hits, reads, differences }) =>
      console.log(`${steps} steps, ${hits} hits of ${reads} reads, ${differences} differences`),
  })
  console.log(`\n${resultText(result)}`)
  process.exitCode = result.differences === 0 ? 0 : 1
  await subject.close()
} finally {
  await database.close()
  await server?.stop()
}

function optionsOrExit(): CommandOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    process.exit(2)
  }
}
