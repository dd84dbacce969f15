import type { FollowedDatabase, FollowedDatabases } from '../dependencies/followed-database.js'
import type { CacheEvent } from '../engine/cache-event.js'
import type { Engine } from '../engine/engine.js'
import { CacheError } from '../errors.js'
import { realTime } from '../tools/real-time.js'

export interface BarrierContext {
  readonly followed: FollowedDatabases
  readonly engine: Pick<Engine, 'circuit'>
  /** How long an answer waits at most: for the position and for what comes up to it, together. */
  readonly deadlineMs: number
  /** Whether this process, or another, may answer from what lies in the store. */
  readonly isConnected: boolean
  readonly emit: (event: CacheEvent) => void
}

const MEND = 'Await followDatabase(cache, …) of express-cacheable/postgres before the first request.'

/**
 * What answers of writes wait for, where databases are followed: until all that was committed before is evicted, whatever
 * wrote it.
 */
export class Barrier {
  readonly #context: BarrierContext
  #isAskedFor = false

  constructor(context: BarrierContext) {
    this.#context = context
  }

  /** Notes that some route has a barrier, before its first request. */
  askFor(): void {
    this.#isAskedFor = true
  }

  /** What looks wrong, once all routes are there; nothing where a database is followed. */
  get warning(): string | undefined {
    return this.#isAskedFor && this.#waitsForNothing
      ? `cache.barrier() has no database to wait for, and fails each write. ${MEND}`
      : undefined
  }

  /** The databases that answers behind `cache.barrier()` wait for. @throws CacheError `E_CACHE_BARRIER` where none is. */
  ofBarriers(): readonly FollowedDatabase[] {
    if (this.#waitsForNothing) {
      throw new CacheError('E_CACHE_BARRIER', {
        where: 'cache.barrier()',
        problem: 'no database is followed, so nothing says when what this write changes has been evicted',
        mend: MEND,
      })
    }
    return this.#context.isConnected ? this.#context.followed.waitedFor() : []
  }

  /** Those that the answers of all rules that write wait for. */
  ofAllWrites(): readonly FollowedDatabase[] {
    const { isConnected, followed } = this.#context
    return isConnected ? followed.waitedFor().filter((database) => followed.holdsAllWrites(database)) : []
  }

  /**
   * Waits until all that databases have committed by now is evicted, acknowledged. Where that takes too long, it has all
   * evicted that was made from rows of that database.
   *
   * @returns Whether nobody was late. Never rejects.
   */
  async passed(databases: readonly FollowedDatabase[]): Promise<boolean> {
    const passed = await Promise.all(databases.map((database) => this.#hasPassed(database)))
    return passed.every(Boolean)
  }

  get #waitsForNothing(): boolean {
    return this.#context.isConnected && !this.#context.followed.hasEver
  }

  async #hasPassed(database: FollowedDatabase): Promise<boolean> {
    const startedAt = realTime.now()
    const passed = await this.#waitFor(database)
    if (!passed) await database.evictAll()
    this.#context.emit({
      type: 'barrier',
      database: database.name,
      passed,
      ms: realTime.now() - startedAt,
    })
    return passed
  }

  async #waitFor(database: FollowedDatabase): Promise<boolean> {
    const { engine, deadlineMs } = this.#context
    // No eviction is acknowledged meanwhile, whoever makes it.
    if (engine.circuit !== 'closed') return false
    const endsAt = realTime.now() + deadlineMs
    try {
      const position = await database.position(deadlineMs)
      const leftMs = endsAt - realTime.now()
      return position !== null && leftMs > 0 && (await database.passed(position, leftMs))
    } catch {
      return false
    }
  }
}
