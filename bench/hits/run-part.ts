import { CORES, pin } from '../pin.js'
import { connectPlain, infoOf, startOwnRedis } from '../redis.js'
import { runRounds } from '../rounds.js'
import { checkHits, checkLoads, loadsOf } from './check-hits.js'
import type { Part } from './parts.js'
import { type RunningSubject, startSubject } from './running-subject.js'
import type { Case, Target, TargetResult } from './targets.js'
import { measureWindow } from './windows.js'

/** For V8 to have compiled what runs often. */
const WARM_UP_ROUNDS = 3

export interface PartResult {
  readonly part: Part
  readonly cases: readonly Case[]
  readonly results: readonly TargetResult[]
  readonly redisVersion: string
}

/** Measures a part, with apps and a Redis that are started for it and end with it. */
export async function runPart(part: Part, isPinned: boolean): Promise<PartResult> {
  const { name, subjects, rounds, windowMs } = part
  const server = await startOwnRedis()
  if (isPinned) await pin(server.pid, CORES.others)
  const redis = connectPlain(server.url)
  console.log(`${name}: starting ${subjects.length} apps …`)
  const running = await Promise.all(
    subjects.map((subject, database) => startSubject(subject, `${server.url}/${database}`)),
  )
  if (isPinned) await Promise.all(running.map(({ pid }) => pin(pid, CORES.measured)))
  if (part.areHits) for (const subject of running) await checkHits(subject, part.sizes)

  const cases = part.sizes.flatMap((size) => part.connections.map((connections) => ({ size, connections })))
  const targets = cases.flatMap((at) => {
    return running.map((running): Target => ({ ...at, running, path: part.pathOf(at.size) }))
  })
  const measure = (target: Target) => measureWindow(target, redis, windowMs)
  const loads = await loadsOf(running)
  console.log(`${name}: warming up …`)
  await runRounds(targets, measure, { rounds: WARM_UP_ROUNDS })
  const results = await runRounds(targets, measure, {
    rounds,
    onRound: (number) => console.log(`${name}: round ${number} of ${rounds}`),
  })
  if (part.areHits) await checkLoads(running, loads)
  const redisVersion = await infoOf(redis, 'redis_version')
  await endAll(running)
  redis.disconnect()
  await server.stop()
  return { part, cases, results, redisVersion }
}

async function endAll(running: readonly RunningSubject[]): Promise<void> {
  await Promise.all(running.map(({ stop }) => stop()))
}
