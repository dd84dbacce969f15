// What a frozen Redis adds to the latency of requests, beside the same app without a cache.
import { setTimeout as sleep } from 'node:timers/promises'
import type { CacheStatistics } from 'express-cacheable'
import { CommandError } from '#demo/command-error.js'
import { until } from '../test/support/until.js'
import { median, percentile, show } from './figures.js'
import { goalTable } from './goals.js'
import { startApp, statsOf } from './outage-app.js'
import { type Answer, answersDuring, type Pair } from './paced-load.js'
import type { BarChart } from './pictures/chart.js'
import { type BenchRedis, connectPlain, infoOf, startOwnRedis } from './redis.js'
import { loadAverage, machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runBench } from './run-bench.js'
import { tableOf } from './table.js'

type Answers = Pair<readonly Answer[]>

/** One freeze, from before to after. */
interface Round {
  readonly healthy: Answers
  readonly frozen: Answers
  readonly open: Answers
  readonly thawed: Answers
  /** From SIGCONT on. */
  readonly closedMs: number
  readonly firstHitMs: number
}

type CircuitState = CacheStatistics['store']['circuit']
type Phase = 'healthy' | 'frozen' | 'open' | 'thawed'

const ROUNDS = 5
const WINDOW_MS = 6_000
const LEAD_IN_MS = 200
const FIRST = 100
/** Long enough for so many requests, however long they wait. */
const FREEZE_MS = 1_500
const POLL_MS = 5
const DEADLINE_MS = 50
/** A wait ends a little before the deadline; nothing else takes nearly as long. */
const NEARLY_DEADLINE_MS = 45
const MOST_ADDED_MS = 2
const LONGEST_RECOVERY_MS = 5_000

const PHASES: Readonly<Record<Phase, string>> = {
  healthy: 'healthy',
  frozen: `frozen, the first ${FIRST} requests`,
  open: 'frozen, the circuit open',
  thawed: 'thawed, until the first hit',
}

await runBench(main)

async function main(): Promise<void> {
  const redis = await startOwnRedis()
  const redisVersion = await infoOf(connectPlain(redis.url), 'redis_version')
  const urls = { cached: await startApp(redis.url), plain: await startApp() }

  console.log('Warming up …')
  await answersDuring(urls, () => sleep(WINDOW_MS))
  const rounds: Round[] = []
  for (let number = 1; number <= ROUNDS; number++) {
    const round = await measureFreeze(redis, urls)
    rounds.push(round)
    const added = (phase: Phase) => show(addedP99(round[phase]), 1)
    console.log(
      `Round ${number} of ${ROUNDS}, added p99 in ms (healthy, first ${FIRST}, open): ${added('healthy')}, ${added('frozen')}, ${added('open')}`,
    )
  }

  const closed = median(rounds.map(({ closedMs }) => closedMs))
  const firstHits = rounds.map(({ firstHitMs }) => firstHitMs)
  const tables = `
Milliseconds, with the cache and without it; medians of ${ROUNDS} freezes:

${phaseTable(rounds)}

Of the first ${FIRST} requests, ${show(median(rounds.map(waitedOf)))} waited for the deadline; median.
After SIGCONT the circuit was closed within ${show(closed)} ms, and the first hit came after ${show(median(firstHits))} ms; medians.

${goalTable([
  addedGoal(rounds, 'frozen', DEADLINE_MS),
  addedGoal(rounds, 'open', MOST_ADDED_MS),
  {
    what: `from SIGCONT to the first hit: at most ${show(LONGEST_RECOVERY_MS)} ms`,
    measured: `${show(median(firstHits))} (worst ${show(Math.max(...firstHits))})`,
    isMet: Math.max(...firstHits) <= LONGEST_RECOVERY_MS,
  },
])}
`
  await reportResult('outage', {
    title: 'What a frozen Redis adds',
    command: 'npm run bench:outage',
    machine: machineOf(new Date(), { Redis: redisVersion, 'load average': loadAverage() }),
    tables,
    pictures: [phasePicture(rounds)],
  })
}

async function measureFreeze(redis: BenchRedis, urls: Pair<string>): Promise<Round> {
  const healthy = await answersDuring(urls, () => sleep(WINDOW_MS))

  // On a busy machine a healthy Redis may seem silent too.
  await until('the circuit to be closed', () => isCircuit(urls.cached, 'closed'))
  let frozenAt = Number.NaN
  const whileFreezing = await answersDuring(urls, async () => {
    await sleep(LEAD_IN_MS)
    redis.freeze()
    frozenAt = performance.now()
    await sleep(FREEZE_MS)
  })
  const frozen = {
    cached: firstSince(frozenAt, whileFreezing.cached),
    plain: firstSince(frozenAt, whileFreezing.plain),
  }

  await until('the circuit to open', () => isCircuit(urls.cached, 'open'))
  const open = await answersDuring(urls, () => sleep(WINDOW_MS))
  if (open.cached.some(({ xCache }) => xCache === 'HIT')) throw new CommandError('A frozen Redis gave hits.')

  const { hits } = await statsOf(urls.cached)
  let closedMs = Number.NaN
  let firstHitMs = Number.NaN
  const thawed = await answersDuring(urls, async () => {
    const thawedAt = performance.now()
    redis.thaw()
    await until('the circuit to close', () => isCircuit(urls.cached, 'closed'), { everyMs: POLL_MS })
    closedMs = performance.now() - thawedAt
    await until('a hit', async () => (await statsOf(urls.cached)).hits > hits, { everyMs: POLL_MS })
    firstHitMs = performance.now() - thawedAt
  })
  return { healthy, frozen, open, thawed, closedMs, firstHitMs }
}

async function isCircuit(url: string, state: CircuitState): Promise<boolean> {
  return (await statsOf(url)).store.circuit === state
}

function firstSince(frozenAt: number, answers: readonly Answer[]): readonly Answer[] {
  const first = answers.filter(({ sentAt }) => sentAt >= frozenAt).slice(0, FIRST)
  if (first.length < FIRST) throw new CommandError(`Only ${first.length} requests in ${FREEZE_MS} ms.`)
  return first
}

function waitedOf({ frozen }: Round): number {
  return frozen.cached.filter(({ ms }) => ms >= NEARLY_DEADLINE_MS).length
}

function phaseTable(rounds: readonly Round[]): string {
  const rows = (Object.keys(PHASES) as Phase[]).map((phase) => {
    const pairs = rounds.map((round) => round[phase])
    const figures = (app: keyof Answers) =>
      [0.5, 0.99, 1].map((share) => show(median(pairs.map((pair) => latency(pair[app], share))), 1))
    return [PHASES[phase], ...figures('cached'), ...figures('plain'), show(median(pairs.map(addedP99)), 1)]
  })
  return tableOf(
    ['phase', 'p50 with', 'p99 with', 'max with', 'p50 without', 'p99 without', 'max without', 'added p99'],
    rows,
  )
}

function phasePicture(rounds: readonly Round[]): BarChart {
  const groups = (Object.keys(PHASES) as Phase[]).map((phase) => {
    const barOf = (name: string, app: keyof Answers) => {
      const p99 = rounds.map((round) => latency(round[phase][app], 0.99))
      return { name, value: median(p99), low: Math.min(...p99), high: Math.max(...p99) }
    }
    return { name: PHASES[phase], bars: [barOf('express-cacheable', 'cached'), barOf('no cache', 'plain')] }
  })
  return { kind: 'bars', title: 'p99 of requests while Redis is frozen, and around it', unit: 'ms', groups }
}

function addedGoal(rounds: readonly Round[], phase: Phase, mostMs: number) {
  const added = rounds.map((round) => addedP99(round[phase]))
  return {
    what: `${PHASES[phase]}: p99 at most ${mostMs} ms longer than without the cache, median of the freezes`,
    measured: `${show(median(added), 1)} (worst ${show(Math.max(...added), 1)})`,
    isMet: median(added) <= mostMs,
  }
}

function addedP99({ cached, plain }: Answers): number {
  return latency(cached, 0.99) - latency(plain, 0.99)
}

function latency(answers: readonly Answer[], share: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b)
  return percentile(sorted, share)
}
