import type { Database } from './database.js'
import { type Bound, type ExceptedWrites, OTHERS_KNOW_WITHIN_MS } from './faults/excepted-writes.js'
import type { TimeAlone } from './faults/time-alone.js'

/** What the readers of a row have been promised when they ask. */
export interface Promised {
  /** No answer may be older. */
  readonly acknowledged: number
  /** Newer still: its writer alone could not reach Redis, so others may not know of it for a time that is bounded. */
  readonly excepted: number
}

export interface AnsweredWrite {
  readonly row: string
  readonly version: number
  /** Whether its eviction was kept rather than acknowledged. */
  readonly isKept: boolean
  /** When the cache began to let others know (epoch, ms). */
  readonly begunAt: number
  /** Resolves once nothing is kept; rejects if that will not be. */
  readonly delivered: () => Promise<void>
}

export interface PromisesOptions {
  readonly database: Database
  /** Where there are faults. */
  readonly excepted: ExceptedWrites | null
  /** Whose promises these are. */
  readonly by: number
  readonly alone: TimeAlone
  /** When this process last said that it owes nothing, and was heard (epoch, ms). */
  readonly heardAt: () => number
}

/** The others take one that does not answer their roll call for gone after so long. */
const ANSWER_WITHIN_MS = 1_500

/** What the answers of writes promise to all who read afterwards, whether evictions were acknowledged or kept. */
export class Promises {
  readonly #options: PromisesOptions

  constructor(options: PromisesOptions) {
    this.#options = options
  }

  async of(row: string): Promise<Promised> {
    const { database, excepted, by } = this.#options
    if (excepted === null) return { acknowledged: await database.acknowledgedOf(row), excepted: 0 }
    const [{ due, newest }, acknowledged] = await Promise.all([
      excepted.of(row, by),
      database.acknowledgedOf(row),
    ])
    return { acknowledged: Math.max(acknowledged, due), excepted: newest }
  }

  /** @returns Whether others may not know of it for a time. */
  async make(write: AnsweredWrite): Promise<boolean> {
    const { database, excepted, by } = this.#options
    const { row, version, delivered } = write
    const bound = await this.#boundOf(write)
    if (excepted === null || bound === null) {
      await database.acknowledge(row, version)
      return false
    }
    await excepted.add({ row, version, by, bound })
    const settle = async () => {
      await delivered()
      await database.acknowledge(row, version)
      await excepted.settle(row, version)
    }
    // Whoever stops before that has delivered nothing; the bound stands.
    settle().catch(() => {})
    return bound !== 'death'
  }

  /** @returns `null`: nobody may get what was there before. */
  async #boundOf({ isKept, begunAt }: AnsweredWrite): Promise<Bound | null> {
    const { excepted, alone, heardAt } = this.#options
    if (!isKept || excepted === null) return null
    const isAlone = alone.reachesPast(begunAt)
    const { state, since } = await excepted.redis()
    if (state === 'in trouble') return null
    if (state === 'full') return 'death'
    const unheardForMs = Date.now() - Math.max(heardAt(), since)
    if (unheardForMs >= ANSWER_WITHIN_MS) return 'delivered'
    if (isAlone) return Date.now() - unheardForMs + OTHERS_KNOW_WITHIN_MS
    // Redis has been well all the time, and this process was slow.
    return since < begunAt ? 'death' : null
  }
}
