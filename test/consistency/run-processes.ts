import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { type ForkedWorker, forkWorker } from './fork-worker.js'
import type { Place } from './open-store.js'
import { DEATH_AFTER, type RaceOptions } from './options.js'
import { Random } from './random.js'
import { TELL_EVERY_MS, type WorkerMessage } from './worker.js'

/** The processes that run. */
export interface Crew {
  /** Any one of them. */
  one(): ForkedWorker
  /** Kills one and starts another in its place. */
  replaceOne(worker: ForkedWorker): Promise<void>
}

export interface ProcessesControl {
  readonly hear: (message: WorkerMessage) => void
  /** How many operations have been counted so far. */
  readonly operations: () => number
  /** Before one is killed. */
  readonly onDeath: (worker: ForkedWorker) => Promise<void>
  /** What else is done to them while they work; it ends when `ending` does. */
  readonly disturb?: (crew: Crew, ending: AbortSignal) => Promise<void>
  /** Lets all processes come to their end. */
  readonly signal: AbortSignal
}

/**
 * Runs the processes until the signal. Every now and then one of them is killed, wherever it is in its work, and
 * a new one takes its place.
 *
 * @throws Error if one ends by itself or does not end when told to.
 */
export async function runProcesses(
  race: RaceOptions,
  place: Place,
  { hear, operations, onDeath, signal, disturb = async () => {} }: ProcessesControl,
): Promise<void> {
  const random = new Random(race.seed)
  const nextDeath = (): number => operations() + random.between(DEATH_AFTER[race.pace])
  const crashed = new AbortController()
  const ending = AbortSignal.any([signal, crashed.signal])
  let started = 0
  const start = (number: number): ForkedWorker =>
    forkWorker({ race, place, number, predecessors: started++ }, hearAndKill, (error) => crashed.abort(error))

  let deathAt = nextDeath()
  let replacing = Promise.resolve()
  function hearAndKill(message: WorkerMessage): void {
    hear(message)
    if (operations() < deathAt) return
    deathAt = nextDeath()
    replacing = replacing.then(async () => {
      // Not when it has just told its counts, but anywhere in its work.
      await setTimeout(random.below(TELL_EVERY_MS))
      if (!ending.aborted) await replace(one())
    })
  }

  function one(): ForkedWorker {
    return random.oneOf(workers)
  }

  async function replace(worker: ForkedWorker): Promise<void> {
    const number = workers.indexOf(worker)
    if (number === -1) return
    await onDeath(worker)
    await worker.kill()
    // What the dead one had sent is carried out before the new one is up: its row has one writer still.
    workers[number] = start(number)
  }

  function inTurn(worker: ForkedWorker): Promise<void> {
    replacing = replacing.then(() => replace(worker))
    return replacing
  }

  const workers = Array.from({ length: race.processes }, (_, number) => start(number))
  const disturbing = disturb({ one, replaceOne: inTurn }, ending).catch((error) => crashed.abort(error))
  if (!ending.aborted) await once(ending, 'abort')
  await disturbing
  await replacing
  await Promise.all(workers.map((worker) => worker.stop()))
  if (crashed.signal.aborted) throw crashed.signal.reason
}
