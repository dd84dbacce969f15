import type { Engine } from '#src/engine/engine.js'
import type { EventBus } from '#src/events/bus.js'
import type { CountName } from './counts.js'
import type { Database } from './database.js'
import type { Promises } from './promises.js'
import type { Random } from './random.js'
import type { Pause } from './random-pauses.js'
import type { Answered } from './violations.js'

/** What a client, a reader or a writer, works with. Its choices are its own, the rest is of its process. */
export interface Client {
  readonly engine: Engine
  readonly bus: EventBus
  readonly database: Database
  readonly promises: Promises
  readonly rows: readonly string[]
  readonly random: Random
  readonly pause: Pause
  /** Waits while the whole process has nothing to do. */
  readonly rested: () => Promise<void>
  readonly count: (name: CountName) => void
  readonly judge: (answered: Answered) => void
  /** How many evictions this process has kept so far, as the store had not acknowledged them. */
  readonly keptEvictions: () => number
  readonly isStopping: () => boolean
}

/** With a grace of some length, and mostly short: values are to expire under the eyes of readers too. */
export const GRACE_MS = 50

export function randomTtlMs(random: Random): number {
  return GRACE_MS + 50 + random.below(random.chance(0.3) ? 20_000 : 1_000)
}
