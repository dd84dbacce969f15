import { setTimeout as sleep } from 'node:timers/promises'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { Engine } from '#src/engine/engine.js'
import { createMemoryBus } from '#src/events/memory-bus.js'
import type { Client } from './client.js'
import { type Counts, noCounts } from './counts.js'
import { openDatabase } from './database.js'
import { ExceptedWrites } from './faults/excepted-writes.js'
import { notingHeartbeats } from './faults/noting-heartbeats.js'
import { restsOf } from './faults/rests.js'
import { TimeAlone } from './faults/time-alone.js'
import { WayToRedis } from './faults/way-to-redis.js'
import { type Place, STORES, type StoreKind } from './open-store.js'
import type { RaceOptions } from './options.js'
import { Promises } from './promises.js'
import { Random } from './random.js'
import { PausingStore, randomPauses } from './random-pauses.js'
import { keepReading } from './reader.js'
import { evictOnEvents } from './row-events.js'
import { ownRow, rowsOf } from './rows.js'
import { ToldDatabase } from './told-database.js'
import { isOldInBound, type Violation, violationOf } from './violations.js'
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
  /** The process is in touch again, after its way to Redis was mended. */
  | { readonly kind: 'back' }

/** What a worker is told, once it has started. */
export type WorkerOrder = 'sever' | 'mend' | 'stop'

export interface Worker {
  /** Takes its way to Redis away, for this process alone, once it owes nothing. */
  sever(): void
  /** Gives it back; `back` is told once Redis has answered. */
  mend(): void
  /** Lets every client end what it has begun, and closes. */
  stop(): Promise<void>
}

/** A group of no row. */
const NO_GROUP = 'none'
/** The client of none, for what the whole process does. */
const RESTS = 1_000_000
/** Short, so that the leases of the dead are soon over. */
const LEASE_MS = 250
/** How often a worker that was cut off tries whether it is back. */
const BACK_EVERY_MS = 20
/** How often a worker tells its counts. */
export const TELL_EVERY_MS = 100

/** Starts the clients of one process. All of them share an engine, as the requests of a process do. */
export async function startWorker(
  { race, place, number, predecessors }: WorkerOptions,
  tell: (message: WorkerMessage) => void,
): Promise<Worker> {
  const startedAt = performance.now()
  const random = (client: number): Random => new Random(race.seed, predecessors, client)
  const pause = randomPauses(random(0))
  let counts = noCounts()
  let keptEvictions = 0
  let heardAt = 0
  let isStopping = false

  const kind: StoreKind = STORES[race.store]
  const way = new WayToRedis()
  const alone = new TimeAlone()
  const opened = kind.open(place, way, race.without)
  await opened.ready()
  const noted = notingHeartbeats(opened, (sentAt) => {
    heardAt = sentAt
  })
  const store = race.without ? withoutSafeguard(noted, race.without) : noted
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
  const hasFaults = race.faults.length > 0 && place.databaseUrl !== null
  const excepted = hasFaults ? new ExceptedWrites(place.databaseUrl, place.keyPrefix) : null
  const promises = new Promises({ database, excepted, by: predecessors, alone, heardAt: () => heardAt })
  const rested = restsOf(hasFaults ? random(RESTS) : null)

  let clients = 0
  const clientOf = (): Client => ({
    engine,
    bus,
    database,
    promises,
    rows: rowsOf(race.processes),
    random: random(++clients),
    pause,
    rested,
    count: (name) => {
      counts[name]++
    },
    judge: (answered) => {
      if (isOldInBound(answered)) counts.oldInBound++
      const kind = violationOf(answered)
      if (!kind) return
      const { pid } = process
      const ageMs = performance.now() - startedAt
      const violation = { ...answered, kind, pid, at: new Date().toISOString(), ageMs, after: '' }
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
  let severing = Promise.resolve()
  const cutOff = async (): Promise<void> => {
    // What it owes from before, it owes to all.
    while (engine.pendingEvictions > 0 && !isStopping) await engine.whenDelivered()
    alone.begin()
    way.break()
  }
  const comeBack = async (): Promise<void> => {
    way.mend()
    // Behind all that the process owes, and only by a member.
    while (!isStopping && (await engine.fence(NO_GROUP)) === null) await sleep(BACK_EVERY_MS)
    alone.end()
    tell({ kind: 'back' })
  }
  return {
    sever() {
      severing = cutOff()
    },
    mend() {
      void severing.then(comeBack)
    },
    async stop() {
      isStopping = true
      await Promise.all(running)
      clearInterval(telling)
      tellCounts()
      await engine.close()
      await Promise.all([opened.close(), database.close(), excepted?.close()])
    },
  }
}
