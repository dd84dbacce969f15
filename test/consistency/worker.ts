import type { CacheEvent } from '#src/engine/cache-event.js'
import { Engine } from '#src/engine/engine.js'
import { createMemoryBus } from '#src/events/memory-bus.js'
import type { Client } from './client.js'
import { type Counts, noCounts } from './counts.js'
import { openDatabase } from './database.js'
import { type Place, STORES, type StoreKind } from './open-store.js'
import type { RaceOptions } from './options.js'
import { Random } from './random.js'
import { PausingStore, randomPauses } from './random-pauses.js'
import { keepReading } from './reader.js'
import { evictOnEvents } from './row-events.js'
import { ownRow, rowsOf } from './rows.js'
import { ToldDatabase } from './told-database.js'
import { type Violation, violationOf } from './violations.js'
import { withoutSafeguard } from './without-safeguard.js'
import { keepWriting, keepWritingOwn } from './writer.js'

export interface WorkerOptions {
  readonly race: RaceOptions
  readonly place: Place
  /** From 0 to the number of processes; a successor takes the number of the one that died. */
  readonly number: number
  /** How many there have been before it, under any number. */
  readonly predecessors: number
}

/** What a worker tells while it works. */
export type WorkerMessage =
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'violation'; readonly violation: Violation }

export interface Worker {
  /** Lets every client end what it has begun, and closes. */
  stop(): Promise<void>
}

/** Short, so that the leases of the dead are soon over. */
const LEASE_MS = 250
/** How often a worker tells its counts. */
export const TELL_EVERY_MS = 100

/** Starts the clients of one process. All of them share an engine, as the requests of a process do. */
export async function startWorker(
  { race, place, number, predecessors }: WorkerOptions,
  tell: (message: WorkerMessage) => void,
): Promise<Worker> {
  const random = (client: number): Random => new Random(race.seed, predecessors, client)
  const pause = randomPauses(random(0))
  let counts = noCounts()
  let keptEvictions = 0
  let isStopping = false

  const kind: StoreKind = STORES[race.store]
  const opened = kind.open(place, race.without)
  await opened.ready()
  const store = race.without ? withoutSafeguard(opened, race.without) : opened
  const engine = new Engine(new PausingStore(store, pause), LEASE_MS, (event: CacheEvent) => {
    if (event.type === 'fill') counts.fills++
    if (event.type === 'fill-refused') counts.refusedFills++
    if (event.type === 'put' && !event.stored) counts.refusedPuts++
    if (event.type === 'evict-kept') keptEvictions++
  })
  const bus = createMemoryBus()
  await evictOnEvents(bus, engine, pause)
  const { toldWithinMs } = kind
  const exact = openDatabase(place)
  const database = toldWithinMs === undefined ? exact : new ToldDatabase(exact, toldWithinMs)

  let clients = 0
  const clientOf = (): Client => ({
    engine,
    bus,
    database,
    rows: rowsOf(race.processes),
    random: random(++clients),
    pause,
    count: (name) => {
      counts[name]++
    },
    judge: (answered) => {
      const kind = violationOf(answered)
      if (!kind) return
      const violation = { ...answered, kind, pid: process.pid, at: new Date().toISOString() }
      tell({ kind: 'violation', violation })
    },
    keptEvictions: () => keptEvictions,
    isStopping: () => isStopping,
  })

  const running = [
    ...Array.from({ length: race.readers }, () => keepReading(clientOf())),
    keepWritingOwn(clientOf(), ownRow(number)),
    ...Array.from({ length: race.writers - 1 }, () => keepWriting(clientOf())),
  ]

  const tellCounts = (): void => {
    tell({ kind: 'counts', counts })
    counts = noCounts()
  }
  const telling = setInterval(tellCounts, TELL_EVERY_MS)
  return {
    async stop() {
      isStopping = true
      await Promise.all(running)
      clearInterval(telling)
      tellCounts()
      await engine.close()
      await Promise.all([opened.close(), database.close()])
    },
  }
}
