// What a hit costs while somebody looks at the dashboard, beside one while nobody does: two like processes on one Redis,
// asked in turn.
import { Agent, get } from 'node:http'
import { forEachAtOnce } from './at-once.js'
import { median, ratiosOf, show, showRange } from './figures.js'
import { type ForkedProcess, forkProcess } from './fork-process.js'
import { goalTable } from './goals.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runRounds } from './rounds.js'
import { atEnd, runBench } from './run-bench.js'

const ROUNDS = 60
const WARM_UP_ROUNDS = 5
const HITS = 3_000
const AT_ONCE = 16
const CUSTOMERS = 100
const MOST_RATIO = 1.03

interface Site {
  readonly url: string
  readonly process: ForkedProcess
}

await runBench(main)

async function main(): Promise<void> {
  const { url: redis } = await startOwnRedis()
  const alone = await startSite(redis, 'alone:')
  const lookedAt = await startSite(redis, 'looked-at:')
  lookAt(lookedAt)
  console.log(`Asking each for ${show(HITS)} hits, ${ROUNDS} times in turn …`)
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  atEnd(async () => agent.destroy())
  const measure = (site: Site) => cpuOfHits(site, agent)
  await runRounds([alone, lookedAt], measure, { rounds: WARM_UP_ROUNDS })
  const [without, within] = await runRounds([alone, lookedAt], measure, { rounds: ROUNDS })
  const ratios = ratiosOf(within?.rounds ?? [], without?.rounds ?? [])
  const ratio = median(ratios)
  const tables = `
A hit takes ${show(median(without?.rounds ?? []), 1)} µs of CPU while nobody looks, ${show(median(within?.rounds ?? []), 1)} µs while somebody does: ${showRange(ratios, 3)} times

${goalTable([
  {
    what: `a hit while somebody looks: at most ${MOST_RATIO} times the CPU`,
    measured: show(ratio, 3),
    isMet: ratio <= MOST_RATIO,
  },
])}
`
  const title = 'What a hit costs while somebody looks at the dashboard'
  const bars = [
    { name: 'nobody looks', rounds: without?.rounds ?? [] },
    { name: 'somebody looks', rounds: within?.rounds ?? [] },
  ].map(({ name, rounds }) => ({
    name,
    value: median(rounds),
    low: Math.min(...rounds),
    high: Math.max(...rounds),
  }))
  await reportResult('looked-at', {
    title,
    command: 'npm run bench:looked-at',
    machine: machineOf(new Date(), { Redis: await infoOf(connectPlain(redis), 'redis_version') }),
    tables,
    pictures: [
      {
        kind: 'bars',
        title,
        unit: 'µs of CPU',
        groups: [{ name: `${ROUNDS} rounds of ${show(HITS)} hits`, bars }],
      },
    ],
  })
}

async function startSite(redis: string, keyPrefix: string): Promise<Site> {
  const process = forkProcess(new URL('./looked-at-process.js', import.meta.url), {
    ...{ what: `The app ${keyPrefix}`, args: [redis, keyPrefix] },
  })
  return { url: await process.hear<string>(), process }
}

/** As the page does: over one connection, to the end of the bench. */
function lookAt({ url }: Site): void {
  const request = get(`${url}/admin/cache/api/live`, (response) => response.resume())
  atEnd(async () => request.destroy())
}

/** Microseconds of CPU for a hit. */
async function cpuOfHits({ url, process }: Site, agent: Agent): Promise<number> {
  const before = await process.ask<number>()
  const ids = Array.from({ length: HITS }, (_, nth) => nth % CUSTOMERS)
  await forEachAtOnce(ids, AT_ONCE, (id) => ask(`${url}/customers/${id}`, agent))
  return ((await process.ask<number>()) - before) / HITS
}

function ask(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => response.on('end', resolve).resume()).on('error', reject)
  })
}
