import { type Database, openDatabase } from '../database.js'
import type { Place } from '../open-store.js'
import type { RaceOptions } from '../options.js'
import type { Crew } from '../run-processes.js'
import { disturb } from './disturb.js'
import { ExceptedWrites } from './excepted-writes.js'
import type { FaultName } from './fault-names.js'
import { RedisUnderFaults } from './redis-under-faults.js'

/** Longer than a cache waits if not told otherwise, so that few answers of a busy machine are late. */
const DEADLINE_MS = 300

/** The faults of one race, and what they befall: a Redis of its own. The rows are in another, which is well. */
export class RaceFaults {
  readonly place: Place
  /** How often each has happened. */
  readonly seen = new Map<FaultName, number>()
  readonly #options: RaceOptions
  readonly #redis: RedisUnderFaults
  readonly #excepted: ExceptedWrites
  readonly #database: Database
  #newest: { readonly name: FaultName; readonly begunAt: number } | null = null

  private constructor(options: RaceOptions, redis: RedisUnderFaults, databaseUrl: string, keyPrefix: string) {
    this.#options = options
    this.#redis = redis
    this.place = { redisUrl: redis.url, databaseUrl, deadlineMs: DEADLINE_MS, keyPrefix }
    this.#excepted = new ExceptedWrites(databaseUrl, keyPrefix)
    this.#database = openDatabase(this.place)
  }

  static async open(options: RaceOptions, databaseUrl: string, keyPrefix: string): Promise<RaceFaults> {
    return new RaceFaults(options, await RedisUnderFaults.start(), databaseUrl, keyPrefix)
  }

  /** Whether each has happened. */
  get isWhole(): boolean {
    return this.#options.faults.every((name) => this.seen.has(name))
  }

  /** In words; empty if there was none. */
  get newest(): string {
    if (this.#newest === null) return ''
    return `${this.#newest.name} began ${Math.round(performance.now() - this.#newest.begunAt)} ms before`
  }

  /** Before a process is killed. */
  noteDeath(predecessors: number): Promise<void> {
    return this.#excepted.noteDeath(predecessors)
  }

  /** Lets them happen until the end. */
  disturb(crew: Crew, operations: () => number, ending: AbortSignal): Promise<void> {
    return disturb(this.#options, {
      redis: this.#redis,
      excepted: this.#excepted,
      database: this.#database,
      crew,
      operations,
      ending,
      onFault: (name) => {
        this.#newest = { name, begunAt: performance.now() }
        this.seen.set(name, (this.seen.get(name) ?? 0) + 1)
      },
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#excepted.clear(), this.#database.clear()])
    await Promise.all([this.#excepted.close(), this.#database.close(), this.#redis.stop()])
  }
}
