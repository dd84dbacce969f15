import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { addTo, type Counts, noCounts, operations } from './counts.js'
import { openDatabase } from './database.js'
import { type Place, STORES } from './open-store.js'
import type { RaceOptions } from './options.js'
import { runProcesses } from './run-processes.js'
import type { Violation } from './violations.js'
import { startWorker, type WorkerMessage } from './worker.js'

/** What a race has seen so far. */
export interface RaceResult {
  readonly options: RaceOptions
  readonly counts: Counts
  /** Processes killed in the middle of their work. What they had not told yet is not counted. */
  deaths: number
  violations: number
  /** The first violations. */
  readonly stories: Violation[]
  seconds: number
}

export interface RaceControl {
  /** Where the processes meet; not used by a store within one process. */
  readonly redisUrl: string | null
  /** Ends the race early. */
  readonly signal?: AbortSignal
  /** Hears every few seconds how it goes. */
  readonly onProgress?: (result: RaceResult) => void
  /** Ends the race with the first violation. */
  readonly untilViolation?: boolean
}

const MAX_STORIES = 5
const PROGRESS_EVERY_MS = 3_000

/** Lets clients read and write until the number of operations is reached, and judges every answer. */
export async function race(asked: RaceOptions, control: RaceControl): Promise<RaceResult> {
  const { isShared } = STORES[asked.store]
  const options = isShared ? asked : { ...asked, processes: 1 }
  const place: Place = {
    redisUrl: isShared ? control.redisUrl : null,
    keyPrefix: `race-${randomBytes(6).toString('hex')}:`,
  }
  const result: RaceResult = {
    options,
    counts: noCounts(),
    deaths: 0,
    violations: 0,
    stories: [],
    seconds: 0,
  }
  const done = new AbortController()
  const signal = control.signal ? AbortSignal.any([done.signal, control.signal]) : done.signal

  const hear = (message: WorkerMessage): void => {
    if (message.kind === 'counts') {
      addTo(result.counts, message.counts)
      if (operations(result.counts) >= options.operations) done.abort()
    } else {
      result.violations++
      if (result.stories.length < MAX_STORIES) result.stories.push(message.violation)
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
    const onDeath = (): void => {
      result.deaths++
    }
    if (isShared)
      await runProcesses(options, place, {
        hear,
        onDeath,
        signal,
        operations: () => operations(result.counts),
      })
    else await runHere(options, place, hear, signal)
  } finally {
    clearInterval(progress)
    await clear(options, place)
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
  const store = STORES[name].open(place, undefined)
  await store.ready()
  await store.evict([{ kind: 'glob', glob: '*' }])
  const database = openDatabase(place)
  await database.clear()
  await Promise.all([store.close(), database.close()])
}
