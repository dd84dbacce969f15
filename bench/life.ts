// A load that looks like life, on what one would put between it and a database: how fast, how many calls of the database
// are left, and how much of what is read is old.
import { CommandError } from '#demo/command-error.js'
import { show, sum } from './figures.js'
import { goalTable } from './goals.js'
import { peers } from './hits/installed-peers.js'
import { databaseCalls, errorsIn, latency, p99, requestsPerSecond, staleIn } from './life/life-figures.js'
import { lifeGoals } from './life/life-goals.js'
import { ratioChart, staleChart } from './life/life-pictures.js'
import { type Frozen, freezeTable, lifeTable } from './life/life-tables.js'
import {
  CONNECTIONS,
  FREEZE,
  measureFreeze,
  measureRound,
  PER_SECOND,
  type Sequence,
  warm,
} from './life/measure.js'
import { Requests } from './life/requests.js'
import { type RunningSubject, startSubject } from './life/running-subject.js'
import type { Subject } from './life/subject.js'
import { SUBJECTS } from './life/subjects.js'
import { bytesOf, KEYS } from './life/things.js'
import { connectPlain, infoOf } from './redis.js'
import { loadAverage, machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runRounds } from './rounds.js'
import { runBench } from './run-bench.js'

const USUAL_ROUNDS = 3
const REQUESTS = { warming: 12_000, closed: 4_000, paced: 1_200 }
const REDIS_SHARE = 1 / 3

await runBench(main)

async function main(): Promise<void> {
  const { ONLY, ROUNDS, SEED } = process.env
  const seed = SEED ? wholeNumber('SEED', SEED) : 1 + Math.floor(Math.random() * 1_000_000)
  const rounds = ROUNDS ? wholeNumber('ROUNDS', ROUNDS) : USUAL_ROUNDS
  const subjects = subjectsOf(ONLY)
  await peers.install()
  console.log(`SEED=${seed}`)
  const requests = new Requests(seed)
  const redisBytes = sum(Array.from({ length: KEYS }, (_, key) => bytesOf(key))) * REDIS_SHARE
  const packings = new Set(subjects.map(({ packing = 1 }) => packing))
  const heldAt = new Map(
    [...packings].map((packing) => [packing, requests.heldIn(Math.round(redisBytes * packing))]),
  )
  const warming = requests.take(REQUESTS.warming)
  const sequences = Array.from({ length: rounds }, (): Sequence => {
    return { closed: requests.take(REQUESTS.closed), paced: requests.take(REQUESTS.paced) }
  })
  const whileFrozen = requests.take((PER_SECOND * sum(Object.values(FREEZE))) / 1_000)

  const running: RunningSubject[] = []
  for (const subject of subjects) {
    const held = heldAt.get(subject.packing ?? 1) ?? []
    console.log(`Starting ${subject.name}, and asking it for ${show(held.length)} keys …`)
    const started = await startSubject(subject, redisBytes, seed)
    await warm(started, held, warming)
    running.push(started)
  }
  const redisVersion = await infoOf(connectPlain(running[0]?.redis.url ?? ''), 'redis_version')

  let round = 0
  const measure = (running: RunningSubject) => measureRound(running, sequences[round] as Sequence)
  console.log('Measuring …')
  const results = await runRounds(running, measure, {
    rounds,
    onRound(number, parts) {
      round += 1
      const figures = parts.map((figures, index) => {
        const stale = staleIn([figures.closed, figures.paced])
        return `${running[index]?.subject.name}: ${show(requestsPerSecond(figures))}/s, p99 ${show(p99(figures), 1)} ms, database ${show(databaseCalls(figures))}, stale ${stale}`
      })
      console.log(`Round ${number} of ${rounds}:\n  ${figures.join('\n  ')}`)
    },
  })
  const frozen: Frozen[] = []
  for (const each of running) {
    console.log(`Redis stands still for ${each.subject.name} …`)
    const part = await measureFreeze(each, whileFrozen)
    console.log(
      `  errors ${errorsIn([part])}, longest ${show(latency(part, 1))} ms, stale ${staleIn([part])}`,
    )
    frozen.push({ running: each, part })
  }

  const machine = machineOf(new Date(), {
    Redis: redisVersion,
    'load average': loadAverage(),
    packages: peers.versions(),
  })
  const tables = [
    `Seed ${seed}. Medians of ${rounds} interleaved rounds: requests per second with ${CONNECTIONS} connections, as fast as the answers come; p50, p99 and CPU time at ${PER_SECOND} requests per second.`,
    lifeTable(results),
    `Redis stands still for ${FREEZE.frozenMs / 1_000} s, at ${PER_SECOND} requests per second:`,
    freezeTable(frozen),
    ...(subjects.length === SUBJECTS.length ? [goalTable(lifeGoals(results, frozen))] : []),
  ].join('\n\n')
  const ratios = ratioChart(results)
  await reportResult(
    'life',
    {
      title: 'A load that looks like life',
      command: 'npm run bench:life',
      machine,
      tables,
      pictures: [staleChart(results, frozen), ...(ratios ? [ratios] : [])],
    },
    (ONLY && 'ONLY is set') || (ROUNDS && 'ROUNDS is set'),
  )
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new CommandError(`${name}=${text} is no whole number above 0.`)
}

/** @param only - Words of the names of those to measure, with commas between; none: all. */
function subjectsOf(only: string | undefined): readonly Subject[] {
  if (!only) return SUBJECTS
  const words = only.split(',')
  const found = SUBJECTS.filter(({ name }) => words.some((word) => name.includes(word)))
  if (found.length > 0) return found
  const names = SUBJECTS.map(({ name }) => name).join('; ')
  throw new CommandError(`ONLY=${only} names none of: ${names}.`)
}
