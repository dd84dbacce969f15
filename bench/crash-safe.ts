// What `crashSafe` adds to a write, and that a hit does not notice it.
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { createCache } from 'express-cacheable'
import { CommandError } from '#demo/command-error.js'
import { listen } from '../test/support/http.js'
import { LightClient } from '../test/support/light-client.js'
import { median, percentile, ratiosOf, show, showRange } from './figures.js'
import type { BarGroup } from './pictures/chart.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runRounds } from './rounds.js'
import { atEnd, runBench } from './run-bench.js'
import { tableOf } from './table.js'

const ROUNDS = 40
const WARM_UP_ROUNDS = 5
const REQUESTS = 50
const DEADLINE_MS = 1_000

interface Site {
  readonly url: string
}

/** Milliseconds of each request of a round, ascending. */
type Latencies = readonly number[]

type Measure = (site: Site) => Promise<Latencies>

const client = new LightClient(10_000)
let misses = 0

const MEASURED: readonly (readonly [what: string, measure: Measure])[] = [
  ['a write whose handler answers at once', measureWrites(0)],
  ['a write whose handler takes 5 ms', measureWrites(5)],
  ['a hit', measureHits],
  ['a miss', measureMisses],
]

await runBench(main)

async function main(): Promise<void> {
  const { url } = await startOwnRedis()
  const redisVersion = await infoOf(connectPlain(url), 'redis_version')
  atEnd(async () => client.close())
  const sites = [await startSite(url, false), await startSite(url, true)]
  const rows: string[][] = []
  const groups: BarGroup[] = []
  for (const [what, measure] of MEASURED) {
    console.log(`Measuring ${what} …`)
    await runRounds(sites, measure, { rounds: WARM_UP_ROUNDS })
    const [plain, safe] = await runRounds(sites, measure, { rounds: ROUNDS })
    if (!plain || !safe) continue
    rows.push([what, ...figuresOf(plain.rounds, safe.rounds)])
    groups.push({
      name: what,
      bars: [
        { name: 'as ever', value: median(plain.rounds.map(median)) },
        { name: 'crashSafe', value: median(safe.rounds.map(median)) },
      ],
    })
  }
  const head = ['request', 'as ever, ms', 'crashSafe, ms', 'ratio', 'as ever, p99', 'crashSafe, p99']
  const title = 'What crashSafe adds'
  await reportResult('crash-safe', {
    title,
    command: 'npm run bench:crash-safe',
    machine: machineOf(new Date(), { Redis: redisVersion }),
    tables: tableOf(head, rows),
    pictures: [{ kind: 'bars', title: `${title}, median of a request`, unit: 'ms', groups }],
  })
}

function figuresOf(plain: readonly Latencies[], safe: readonly Latencies[]): string[] {
  const p99 = (rounds: readonly Latencies[]) => percentile([...rounds.flat()].sort(ascending), 0.99)
  const [middles, safeMiddles] = [plain.map(median), safe.map(median)]
  return [
    show(median(middles), 2),
    show(median(safeMiddles), 2),
    showRange(ratiosOf(safeMiddles, middles), 2),
    show(p99(plain), 2),
    show(p99(safe), 2),
  ]
}

async function startSite(redis: string, crashSafe: boolean): Promise<Site> {
  const cache = createCache({ redis, keyPrefix: `${crashSafe}:`, deadlineMs: DEADLINE_MS, crashSafe })
  const app = express()
  app.get('/customers/:id', cache.cacheable('customer:{id}', 600), ({ params }, res) => {
    res.json({ id: params.id, name: 'x'.repeat(300) })
  })
  app.put(
    '/customers/:id',
    cache.evict(['customer:{id}', 'customers:list:*']),
    async ({ params, query }, res) => {
      const ms = Number(query.ms)
      if (ms > 0) await sleep(ms)
      res.json({ id: params.id })
    },
  )
  app.get('/lists/:page', cache.cacheable('customers:list:{page}', 600), (_req, res) => void res.json([]))
  await cache.ready(app)
  const server = await listen(app, 120_000)
  atEnd(async () => {
    await server.close()
    await cache.close()
  })
  return { url: server.url }
}

function measureWrites(handlerMs: number): Measure {
  return ({ url }) => timeAll(() => ask('PUT', `${url}/customers/1?ms=${handlerMs}`))
}

function measureMisses({ url }: Site): Promise<Latencies> {
  return timeAll(() => {
    misses += 1
    return ask('GET', `${url}/customers/new-${misses}`)
  })
}

async function measureHits({ url }: Site): Promise<Latencies> {
  await ask('GET', `${url}/customers/7`)
  return timeAll(async () => {
    const { xCache } = await ask('GET', `${url}/customers/7`)
    if (xCache !== 'HIT') throw new CommandError(`There was no hit but ${xCache}.`)
  })
}

async function timeAll(request: () => Promise<unknown>): Promise<Latencies> {
  const latencies: number[] = []
  for (let nth = 0; nth < REQUESTS; nth++) {
    const startedAt = performance.now()
    await request()
    latencies.push(performance.now() - startedAt)
  }
  return latencies.sort(ascending)
}

async function ask(method: string, url: string) {
  const answer = await client.ask(method, url)
  if (answer.status !== 200) throw new CommandError(`${method} ${url} was answered with ${answer.status}.`)
  return answer
}

function ascending(a: number, b: number): number {
  return a - b
}
