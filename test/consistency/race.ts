import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { addTo, type Counts, noCounts, operations } from './counts.js'
import { openDatabase } from './database.js'
import type { FaultName } from './faults/fault-names.js'
import { RaceFaults } from './faults/race-faults.js'
import { WayToRedis } from './faults/way-to-redis.js'
import type { ForkedWorker } from './fork-worker.js'
import { type Place, STORES } from './open-store.js'
import type { RaceOptions } from './options.js'
import { type Crew, runProcesses } from './run-processes.js'
import type { Violation } from './violations.js'
import { startWorker, type WorkerMessage } from './worker.js'

/** What a race has seen so far. */
export interface RaceResult {
  readonly options: RaceOptions
  readonly counts: Counts
  /** Processes killed in the middle of their work. What they had not told yet is not counted. */
  deaths: number
  /** How often each has happened. */
  readonly faults: ReadonlyMap<FaultName, number>
  violations: number
  /** The first violations. */
  readonly stories: Violation[]
  seconds: number
}

export interface RaceControl {
  /** Where the processes meet, and their rows alone where there are faults; a store within one process has none. */
  readonly redisUrl: string | null
  /** Ends the race early. */
  readonly signal?: AbortSignal
  /** Hears every few seconds how it goes. */
  readonly onProgress?: (result: RaceResult) => void
  /** Ends the race with the first violation. */
  readonly untilViolation?: boolean
}

const MAX_STORIES = 20
const PROGRESS_EVERY_MS = 3_000
/** A race without faults is about order, not about speed: no answer of a busy machine is late. */
const PATIENT_MS = 30_000
/** Lets clients read and write until the number of operations is reached, and judges every answer. */
export async function race(asked: RaceOptions, control: RaceControl): Promise<RaceResult> {
  const { isShared } = STORES[asked.store]
  const options = isShared ? asked : { ...asked, processes: 1 }
  const keyPrefix = `race-${randomBytes(6).toString('hex')}:`
  const url = isShared ? control.redisUrl : null
  const faults = options.faults.length > 0 && url ? await RaceFaults.open(options, url, keyPrefix) : null
  const place = faults?.place ?? { redisUrl: url, databaseUrl: url, deadlineMs: PATIENT_MS, keyPrefix }
  const result: RaceResult = {
    options,
    counts: noCounts(),
    deaths: 0,
    faults: faults?.seen ?? new Map(),
    violations: 0,
    stories: [],
    seconds: 0,
  }
  const done = new AbortController()
  const signal = control.signal ? AbortSignal.any([done.signal, control.signal]) : done.signal

  const operationsSoFar = (): number => operations(result.counts)
  const hear = (message: WorkerMessage): void => {
    if (message.kind === 'counts') {
      addTo(result.counts, message.counts)
      if (operationsSoFar() >= options.operations && (faults?.isWhole ?? true)) done.abort()
    } else if (message.kind === 'violation') {
      result.violations++
      const story = { ...message.violation, after: faults?.newest ?? '' }
      if (result.stories.length < MAX_STORIES) result.stories.push(story)
      if (control.untilViolation) done.abort()
    }
  }

  const startedAt = performance.now()
  const lookAtClock = (): void => {
    result.seconds = (performance.now() - startedAt) / 1_000
  }
  const progress = setInterval(() => {
    lookAtClock()
    control.onProgress?.(result)
  }, PROGRESS_EVERY_MS)
  try {
    const onDeath = async ({ predecessors }: ForkedWorker): Promise<void> => {
      await faults?.noteDeath(predecessors)
      result.deaths++
    }
    const disturb = async (crew: Crew, ending: AbortSignal): Promise<void> => {
      await faults?.disturb(crew, operationsSoFar, ending)
    }
    if (isShared)
      await runProcesses(options, place, { hear, onDeath, signal, disturb, operations: operationsSoFar })
    else await runHere(options, place, hear, signal)
  } finally {
    clearInterval(progress)
    if (faults) await faults.close()
    else await clear(options, place)
  }
  lookAtClock()
  return result
}

async function runHere(
  race: RaceOptions,
  place: Place,
  hear: (message: WorkerMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const worker = await startWorker({ race, place, number: 0, predecessors: 0 }, hear)
  if (!signal.aborted) await once(signal, 'abort')
  await worker.stop()
}

async function clear({ store: name }: RaceOptions, place: Place): Promise<void> {
  const store = STORES[name].open(place, new WayToRedis(), undefined)
  await store.ready()
  await store.evict([{ kind: 'glob', glob: '*' }])
  const database = openDatabase(place)
  await database.clear()
  await Promise.all([store.close(), database.close()])
}
