import type { Cache } from '../cache.js'
import { type CacheParts, partsOf } from '../cache-parts.js'
import type { FollowedDatabase, Position } from '../dependencies/followed-database.js'
import { ALL_TABLES, ANY_TABLE } from '../dependencies/table-tags.js'
import { CacheError } from '../errors.js'
import { realTime } from '../tools/real-time.js'
import { sharedRuns } from '../tools/shared-runs.js'
import { LATE, withinDeadline } from '../tools/within-deadline.js'
import type { ChangeSource } from './change-source.js'
import { checkFollowOptions } from './check-follow-options.js'
import { type FollowOptions, PUBLICATION } from './follow-options.js'
import { type FollowerRole, Following, inTime } from './following.js'
import { LogSource } from './log/log-source.js'
import { OutboxSource } from './outbox/outbox-source.js'
import { PassedPositions } from './passed-positions.js'
import { refuseMistakes } from './refuse-mistakes.js'

export interface FollowerStatus {
  readonly role: FollowerRole
  /** Up to where in the database's log all is evicted; `null` where another process follows, or none. */
  readonly position: Position | null
  /** How long after its commit the last change was gone, by the clocks of both machines; `null` before the first. */
  readonly lagMs: number | null
  /** Why it is not connected; `null` while it is. */
  readonly trouble: unknown
}

/** Follows a database for a cache until it, or the cache, is closed. */
export interface Follower {
  status(): FollowerStatus
  close(): Promise<void>
}

/** A store that takes no evictions holds up the database's log, and with it its disk. */
const DELIVERED_WITHIN_MS = 30_000

const BY = 'the database'

/**
 * Lets answers go when a row that they were made from changes, whoever changed it: another program, a person with `psql`, a
 * trigger, a migration, a process that died before it could evict. One process follows for all that share a Redis, through a
 * temporary replication slot of PostgreSQL 14 or newer; when it is gone, another takes over.
 *
 * What an answer was made from is known where loads read through `trackPrisma` or `trackPg`, or by `reads` of its rule.
 *
 * @param cache - From `createCache`.
 * @returns Once it follows, or another process does; where the database cannot be reached, it is tried for ever.
 * @throws CacheError `E_CACHE_OPTION` for wrong options, and for what has to be set up in the database, with what to type.
 * @example
 * const follower = await followDatabase(cache, { connectionString: process.env.DATABASE_URL })
 */
export async function followDatabase(cache: Cache, options: FollowOptions): Promise<Follower> {
  checkFollowOptions(options)
  const parts = partsOf(cache)
  if (parts.options.dependencies === 'check') throw checksOnly()
  const source = sourceOf(options)
  try {
    await refuseMistakes(source)
  } catch (error) {
    await source.close()
    throw error
  }
  const follower = new DatabaseFollower(parts, source, options)
  await follower.start()
  return { status: () => follower.status(), close: () => follower.close() }
}

function sourceOf({
  connectionString,
  from = 'log',
  publication = PUBLICATION,
  ignore = [],
}: FollowOptions): ChangeSource {
  if (from === 'outbox') return new OutboxSource({ connectionString, ignore })
  return new LogSource({ connectionString, publication, ignore })
}

class DatabaseFollower implements FollowedDatabase {
  readonly #parts: CacheParts
  readonly #source: ChangeSource
  readonly #following: Following
  readonly #passed: PassedPositions
  readonly #leave: readonly (() => void)[]
  readonly #position: () => Promise<Position>
  readonly #evictEverything: () => Promise<void>
  /** What another process has evicted reaches the copies of this one ahead of whatever the store answers now. */
  readonly #hearEvictions: () => Promise<unknown>
  #closing: Promise<void> | null = null

  constructor(parts: CacheParts, source: ChangeSource, options: FollowOptions) {
    this.#parts = parts
    this.#source = source
    this.#position = sharedRuns(() => source.position())
    this.#evictEverything = sharedRuns(() => this.#evict([ANY_TABLE, ALL_TABLES]))
    this.#hearEvictions = sharedRuns(() => this.#following.askForName())
    this.#following = new Following({
      source,
      tables: { database: options.database, ignore: options.ignore },
      logger: parts.options.logger,
      nameOf: (own) => parts.engine.name(own),
      evict: (tags) => this.#evictAcknowledged(tags),
      evictAll: async () => {
        await this.#evictEverything()
        await this.#acknowledged()
      },
      onSchemaChanged: () => parts.followed.tellSchemaChanged(options.database),
      onReached: (position) => this.#passed.reach(position),
    })
    this.#passed = new PassedPositions({
      isWithin: (position, reached) => source.isWithin(position, reached),
      own: () => this.#following.reached,
      ask: async () => (this.#following.group === null ? null : source.acknowledged(this.#following.group)),
    })
    this.#leave = [parts.followed.add(this, options), parts.onClose(() => void this.close())]
  }

  get name(): string {
    return this.#source.name
  }

  start(): Promise<void> {
    return this.#following.start()
  }

  status(): FollowerStatus {
    const { role, reached, lagMs, trouble } = this.#following
    return { role, position: reached, lagMs, trouble }
  }

  async position(withinMs: number): Promise<Position | null> {
    if (this.#closing) return null
    const position = await withinDeadline(
      this.#position().catch(() => null),
      withinMs,
    )
    return typeof position === 'string' ? position : null
  }

  async passed(position: Position, withinMs: number): Promise<boolean> {
    if (this.#closing) return false
    const endsAt = realTime.now() + withinMs
    if (!(await this.#passed.wait(position, withinMs))) return false
    if (this.#following.reached !== null) return true
    return (await withinDeadline(this.#hearEvictions(), endsAt - realTime.now())) !== LATE
  }

  evictAll(): Promise<void> {
    return this.#evictEverything()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const leave of this.#leave) leave()
    await this.#following.close()
  }

  async #evict(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return
    await this.#parts.engine.evict(
      tags.map((tag) => ({ kind: 'tag', tag })),
      null,
      BY,
    )
  }

  async #evictAcknowledged(tags: readonly string[]): Promise<void> {
    await this.#evict(tags)
    await this.#acknowledged()
  }

  /** Also of what others of this process have evicted: nobody is served before. */
  #acknowledged(): Promise<void> {
    return inTime(
      this.#parts.engine.whenDelivered(),
      DELIVERED_WITHIN_MS,
      'the store of the cache takes no evictions',
    )
  }
}

function checksOnly(): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: 'followDatabase()',
    problem: `with dependencies: 'check' the cache looks at what declared evictions have left, and a follower would leave nothing`,
    mend: `Follow the database with dependencies: 'evict', and check without it.`,
  })
}
