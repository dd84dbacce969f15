import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { type ForkedWorker, forkWorker } from './fork-worker.js'
import type { Place } from './open-store.js'
import type { RaceOptions } from './options.js'
import { Random } from './random.js'
import { TELL_EVERY_MS, type WorkerMessage } from './worker.js'

export interface ProcessesControl {
  readonly hear: (message: WorkerMessage) => void
  /** How many operations have been counted so far. */
  readonly operations: () => number
  readonly onDeath: () => void
  /** Lets all processes come to their end. */
  readonly signal: AbortSignal
}

/** One dies after so many operations of all. Not after some time: on a busy machine a start takes long. */
const DEATH_AFTER = { least: 10_000, most: 30_000 }

/**
 * Runs the processes until the signal. Every now and then one of them is killed, wherever it is in its work, and
 * a new one takes its place.
 *
 * @throws Error if one ends by itself or does not end when told to.
 */
export async function runProcesses(
  race: RaceOptions,
  place: Place,
  { hear, operations, onDeath, signal }: ProcessesControl,
): Promise<void> {
  const random = new Random(race.seed)
  const nextDeath = (): number =>
    operations() + DEATH_AFTER.least + random.below(DEATH_AFTER.most - DEATH_AFTER.least)
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
    replacing = replacing.then(replaceOne)
  }

  async function replaceOne(): Promise<void> {
    // Not when it has just told its counts, but anywhere in its work.
    await setTimeout(random.below(TELL_EVERY_MS))
    if (ending.aborted) return
    const number = random.below(workers.length)
    await workers[number]?.kill()
    onDeath()
    // What the dead one had sent is carried out before the new one is up: its row has one writer still.
    workers[number] = start(number)
  }

  const workers = Array.from({ length: race.processes }, (_, number) => start(number))
  if (!ending.aborted) await once(ending, 'abort')
  await replacing
  await Promise.all(workers.map((worker) => worker.stop()))
  if (crashed.signal.aborted) throw crashed.signal.reason
}
