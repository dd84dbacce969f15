import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../database.js'
import type { RaceOptions } from '../options.js'
import { Random } from '../random.js'
import type { Crew } from '../run-processes.js'
import type { ExceptedWrites } from './excepted-writes.js'
import type { FaultName } from './fault-names.js'
import { FAULT, REDIS_IN } from './faults.js'
import type { RedisUnderFaults } from './redis-under-faults.js'

export interface Disturbance {
  readonly redis: RedisUnderFaults
  readonly crew: Crew
  readonly excepted: ExceptedWrites
  readonly database: Database
  /** How many operations have been counted so far. */
  readonly operations: () => number
  /** Before each fault. */
  readonly onFault: (name: FaultName) => void
  readonly ending: AbortSignal
}

/** So many operations of all lie between two faults: without hits there is nothing to be stale. */
const CALM = { short: { least: 200, most: 600 }, long: { least: 2_000, most: 15_000 } }
const LASTS_MS = { short: { least: 350, most: 500 }, long: { least: 200, most: 5_000 } }
const LOOK_EVERY_MS = 20
/** Of the random numbers of the race, beside those of its processes. */
const FAULTS_SEED = 0xfa017

/** Lets the faults of a race happen, one at a time: each once in a random order, and again in another. */
export async function disturb(
  { faults, pace, seed }: Pick<RaceOptions, 'faults' | 'pace' | 'seed'>,
  { redis, crew, excepted, database, operations, onFault, ending }: Disturbance,
): Promise<void> {
  const random = new Random(seed, FAULTS_SEED)
  await excepted.noteRedis('well')
  while (!ending.aborted) {
    for (const name of shuffled(faults, random)) {
      const due = operations() + random.between(CALM[pace])
      const lastsMs = random.between(LASTS_MS[pace])
      while (operations() < due && !ending.aborted) await sleep(LOOK_EVERY_MS)
      if (ending.aborted) return
      onFault(name)
      await excepted.noteRedis(REDIS_IN[name] ?? 'in trouble')
      await FAULT[name]({ redis, crew, lastsMs, ending })
      await excepted.noteRedis('well')
      await excepted.forgetBelow((row) => database.acknowledgedOf(row))
    }
  }
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items]
  return items.flatMap(() => left.splice(random.below(left.length), 1))
}
