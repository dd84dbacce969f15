import { CacheError } from 'express-cacheable'
import { startDemo } from './app.js'
import { bannerOf } from './banner.js'
import { CommandError } from './command-error.js'
import { readConfig } from './config.js'
import { readGatewayConfig } from './gateway/gateway-config.js'
import { startGateway } from './gateway/start-gateway.js'
import { consoleLogger } from './logger.js'

/** Whether `npm run demo:services` has started us: it then holds the other end of a channel, and has the banner. */
const isChild = process.connected !== undefined

let running: { close(): Promise<void> } | undefined
let isStopping = false

process.on('SIGINT', stop)
process.on('SIGTERM', stop)
if (isChild) endWithParent()

try {
  if (process.env.SERVICE === 'gateway') await runGateway()
  else await runServices()
} catch (error) {
  // What the person at the keyboard can mend is one line; anything else is a fault of ours, with its stack.
  console.error(error instanceof CommandError || error instanceof CacheError ? error.message : error)
  process.exit(1)
}

async function runGateway(): Promise<void> {
  const gateway = await startGateway(readGatewayConfig(process.env), consoleLogger)
  running = gateway
  consoleLogger.info(`The gateway listens on ${gateway.url}`)
}

async function runServices(): Promise<void> {
  const config = readConfig(process.env)
  const demo = await startDemo(config, consoleLogger)
  running = demo
  if (isChild) consoleLogger.info(`Listens on ${demo.url}`)
  else console.log(await bannerOf({ ...demo, isStoreAvailable: demo.cache.status().available }, config))
}

/** However our parent has ended, we do not outlive it. */
function endWithParent(): void {
  process.once('disconnect', stop)
  if (!process.connected) void stop()
}

/** The first signal closes everything; a second one does not wait. */
async function stop(): Promise<void> {
  if (isStopping) process.exit(130)
  isStopping = true
  // Below the ^C of a terminal.
  console.log(isChild ? 'Stopping …' : '\nStopping …')
  await running?.close()
  process.exit(0)
}
