// The performance test of the guide: the demo CRM with and without its cache.
import { CommandError } from '#demo/command-error.js'
import { readConfig } from '#demo/config.js'
import { type Demo, forkDemo } from './demo-handle.js'
import { drive } from './drive.js'
import { median, show } from './figures.js'
import type { BenchResult } from './pictures/write-result.js'
import { startBenchRedis } from './redis.js'
import { loadTable, machineOf, routeTable } from './report.js'
import { reportResult } from './report-result.js'
import { runRounds } from './rounds.js'
import { atEnd, runBench } from './run-bench.js'
import { checkSameAnswers, readJson } from './same-answers.js'
import { setUpsOf } from './set-ups.js'
import { planWalks } from './walks.js'

const CONNECTIONS = 10
const WARM_UP = { rounds: 1, seconds: 2 }
const UNDER_LOAD = { rounds: 5, seconds: 3 }
const ONE_AT_A_TIME = { rounds: 2, seconds: 1 }

await runBench(main)

async function main(): Promise<void> {
  const demos = await startDemos()
  const [reference] = demos as [Demo]
  const walks = await planWalks(CONNECTIONS, reference.people, (person, path) =>
    readJson(reference, person, path),
  )

  console.log('Comparing the answers …')
  const { requests, queriesByRoute } = await checkSameAnswers(demos, walks)
  console.log(`The answers to ${requests} different requests are the same in all set-ups.`)

  console.log('Warming up …')
  await runRounds(demos, (demo) => drive(demo, walks, WARM_UP.seconds), WARM_UP)
  const underLoad = await runRounds(demos, (demo) => drive(demo, walks, UNDER_LOAD.seconds), {
    rounds: UNDER_LOAD.rounds,
    onRound(number, rounds) {
      const figures = rounds.map(({ requestsPerSecond }, index) => {
        return `${demos[index]?.name} ${show(requestsPerSecond)}`
      })
      console.log(`Round ${number} of ${UNDER_LOAD.rounds}, requests/s: ${figures.join(', ')}`)
    },
  })
  console.log('Measuring each route without load …')
  const oneAtATime = await runRounds(
    demos,
    (demo) => drive(demo, walks.slice(0, 1), ONE_AT_A_TIME.seconds),
    ONE_AT_A_TIME,
  )

  const { rounds, seconds } = UNDER_LOAD
  const tables = `
${CONNECTIONS} connections, medians of ${rounds} rounds of ${seconds} s each; the ratio with its lowest and highest round:

${loadTable(underLoad)}

Each route on one connection, so that no request waits for another:

${routeTable(oneAtATime, queriesByRoute)}
`
  const { DATABASE_URL } = process.env
  const bars = underLoad.map(({ subject, rounds }) => {
    const speeds = rounds.map(({ requestsPerSecond }) => requestsPerSecond)
    return { name: subject.name, value: median(speeds), low: Math.min(...speeds), high: Math.max(...speeds) }
  })
  const title = 'The demo CRM with and without the cache'
  const result: BenchResult = {
    title,
    command: `${DATABASE_URL ? 'DATABASE_URL=… ' : ''}npm run bench`,
    machine: machineOf(new Date(), { database: DATABASE_URL ? 'PostgreSQL' : reference.database }),
    tables,
    pictures: [
      { kind: 'bars', title, unit: 'requests/s', groups: [{ name: `${CONNECTIONS} connections`, bars }] },
    ],
  }
  const isLess = demos.some(({ name }) => name === 'Redis') ? false : 'Redis is left out'
  await reportResult(DATABASE_URL ? 'guide-database' : 'guide', result, isLess)
}

async function startDemos(): Promise<Demo[]> {
  const { DATABASE_URL, REDIS_URL } = process.env
  const { databaseUrl, redisUrl = await startRedis() } = readConfig({ DATABASE_URL, REDIS_URL })
  const setUps = setUpsOf(databaseUrl, redisUrl)
  console.log(`Starting the demo in ${setUps.length} set-ups: ${setUps.map(({ name }) => name).join(', ')} …`)
  const seededAt = Date.now()
  const processes = setUps.map(({ name, config }) => forkDemo(name, { config, seededAt }))
  atEnd(() => Promise.all(processes.map((process) => process.stop())))
  const demos = await Promise.all(processes.map(({ demo }) => demo))
  const withoutStore = demos.find(({ isStoreAvailable }) => !isStoreAvailable)
  if (withoutStore) throw new CommandError(`${withoutStore.name} cannot be reached. Is REDIS_URL right?`)
  return demos
}

async function startRedis(): Promise<string | undefined> {
  const redis = await startBenchRedis()
  if (redis) {
    atEnd(() => redis.stop())
    return redis.url
  }
  console.log(
    'Redis is left out, as there is no redis-server on the PATH. To have it: sudo apt-get install redis-server, or set REDIS_URL.',
  )
  return undefined
}
