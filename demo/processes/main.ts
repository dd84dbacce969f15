import { setTimeout as sleep } from 'node:timers/promises'
import { bannerOf } from '../banner.js'
import { CommandError } from '../command-error.js'
import { openDatabase } from '../database/open-database.js'
import { urlOf } from '../http/listen.js'
import { createTokens } from '../http/tokens.js'
import { type ProcessesConfig, readProcessesConfig } from './processes-config.js'
import { type RunningProcesses, runProcesses } from './run-processes.js'

const POLL_MS = 200

let running: RunningProcesses | undefined
let isStopping = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))

try {
  const config = readProcessesConfig(process.env)
  running = runProcesses(config.processes)
  void running.broken.then((problem) => {
    console.error(`${problem}, so the others are stopped.`)
    return stop(1)
  })
  await showBanner(config)
} catch (error) {
  if (!isStopping) console.error(error instanceof CommandError ? error.message : error)
  await stop(1)
}

/** Says where the gateway is and what to try, once there is something to try. */
async function showBanner({ demo, jwtSecret }: ProcessesConfig): Promise<void> {
  const url = urlOf(demo.host, demo.port)
  const { cache } = await readiness(url)
  const database = await openDatabase(demo.databaseUrl)
  try {
    const subject = {
      url,
      prisma: database.prisma,
      database: database.description,
      tokens: createTokens(jwtSecret),
      isStoreAvailable: cache === 'ok',
    }
    console.log(await bannerOf(subject, demo))
  } finally {
    await database.close()
  }
}

/** What the gateway says of all services, once they are ready. */
async function readiness(gateway: string): Promise<{ cache: string }> {
  for (;;) {
    const response = await fetch(`${gateway}/readyz`).catch(() => undefined)
    if (response?.status === 200) return (await response.json()) as { cache: string }
    await response?.body?.cancel()
    await sleep(POLL_MS)
  }
}

/** A second signal changes nothing: the processes are ending, and have a limit to it. */
async function stop(status: number): Promise<void> {
  if (isStopping) return
  isStopping = true
  await running?.stop()
  process.exit(status)
}
