import { CacheError } from 'express-cacheable'
import { type RunningDemo, startDemo } from './app.js'
import { bannerOf } from './banner.js'
import { CommandError } from './command-error.js'
import { readConfig } from './config.js'
import { consoleLogger } from './logger.js'

let running: RunningDemo | undefined
let isStopping = false

process.on('SIGINT', stop)
process.on('SIGTERM', stop)

try {
  const config = readConfig(process.env)
  running = await startDemo(config, consoleLogger)
  console.log(await bannerOf(running, config))
} catch (error) {
  // What the person at the keyboard can mend is one line; anything else is a fault of ours, with its stack.
  console.error(error instanceof CommandError || error instanceof CacheError ? error.message : error)
  process.exit(1)
}

/** The first signal closes everything; a second one does not wait. */
async function stop(): Promise<void> {
  if (isStopping) process.exit(130)
  isStopping = true
  console.log('\nStopping …')
  await running?.close()
  process.exit(0)
}
