import { randomBytes } from 'node:crypto'
import type { Position } from '../dependencies/followed-database.js'
import { ToldOutage } from '../engine/told-outage.js'
import type { Logger } from '../logger.js'
import { type Deferred, deferred } from '../tools/deferred.js'
import { realTime } from '../tools/real-time.js'
import { reasonOf } from '../tools/reason-of.js'
import { LATE, withinDeadline } from '../tools/within-deadline.js'
import type { ChangeSource, ChangeStream } from './change-source.js'
import { FollowedTables, type FollowedTablesOptions } from './followed-tables.js'
import { readFingerprint } from './schema-fingerprint.js'

/**
 * - `following`: this process evicts what the database has committed, for all that share its store.
 * - `standing by`: another does; this one takes over when that is gone.
 * - `not connected`: it tries to be one of both.
 */
export type FollowerRole = 'following' | 'standing by' | 'not connected'

export interface FollowingOptions {
  readonly source: ChangeSource
  readonly tables: FollowedTablesOptions
  readonly logger: Logger
  /** The name of the processes that share the store, as of `Store`. */
  readonly nameOf: (own: string) => Promise<string | null>
  /** Resolves once the tags are gone from all that the cache holds, or rejects. */
  readonly evict: (tags: readonly string[]) => Promise<void>
  readonly evictAll: () => Promise<void>
  /** Tables are not what they were: whoever knows the catalogue has to read it again. */
  readonly onSchemaChanged: () => void
  /** All that was committed up to it is gone from the cache. */
  readonly onReached: (position: Position) => void
}

const FIRST_PAUSE_MS = 100
const LAST_PAUSE_MS = 5_000
const LOOK_EVERY_MS = 1_000
const START_WITHIN_MS = 3_000
/** Who stands by looks so often whether it is needed before it looks at the catalogue, which costs more. */
const LOOKS_PER_CATALOGUE = 5

/** Says that all is well and that the reading has to begin anew. */
class OtherName extends Error {
  override readonly message = 'the processes that share the store have another name'
}

/**
 * Follows a database, or waits until whoever does is gone; for ever, whatever fails. Whoever begins cannot know what was
 * missed: it evicts all that was made from the database's rows, and tells of no position before.
 */
export class Following {
  readonly #options: FollowingOptions
  readonly #closed: Deferred<void> = deferred()
  readonly #settled: Deferred<void> = deferred()
  readonly #outage = new ToldOutage(() => realTime.now())
  readonly #own = randomBytes(8).toString('hex')
  #isClosed = false
  #role: FollowerRole = 'not connected'
  #group: string | null = null
  #reached: Position | null = null
  #lagMs: number | null = null
  #stream: ChangeStream | null = null
  #trouble: unknown = null
  /** Of the catalogue that this process knows. */
  #fingerprint: string | null = null
  #looks = 0
  #followsSince = 0
  #ended: Promise<void> = Promise.resolve()

  constructor(options: FollowingOptions) {
    this.#options = options
  }

  get role(): FollowerRole {
    return this.#role
  }

  /** Of the processes that share the store, where it has been heard of. */
  get group(): string | null {
    return this.#group
  }

  /** Asks the store anew. @returns `null` where it does not answer. */
  askForName(): Promise<string | null> {
    return this.#options.nameOf(this.#own)
  }

  /** Up to where this process has evicted what was committed; `null` where it does not follow. */
  get reached(): Position | null {
    return this.#role === 'following' ? this.#reached : null
  }

  /** How long after its commit the last change was gone from the cache, by the clocks of both. */
  get lagMs(): number | null {
    return this.#lagMs
  }

  /** Why it is not connected. */
  get trouble(): unknown {
    return this.#role === 'not connected' ? this.#trouble : null
  }

  /** Resolves once it follows, stands by, has failed for the first time, or has to wait for open transactions. */
  async start(): Promise<void> {
    this.#ended = this.#run()
    const isLate = (await withinDeadline(this.#settled.promise, START_WITHIN_MS)) === LATE
    if (!isLate || this.#isClosed) return
    const { logger, source } = this.#options
    logger.warn(
      `The database ${source.name} is not followed yet: PostgreSQL lets nobody begin before transactions that are open now are over`,
    )
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#closed.resolve()
    await this.#stream?.close()
    await this.#options.source.close().catch(() => {})
    await this.#ended
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    while (!this.#isClosed) {
      try {
        await this.#followOrStandBy()
        pauseMs = FIRST_PAUSE_MS
      } catch (error) {
        if (this.#isClosed) break
        // One that ends as soon as it has begun would evict everything again and again.
        if (this.#role === 'following' && realTime.now() - this.#followsSince > LAST_PAUSE_MS) {
          pauseMs = FIRST_PAUSE_MS
        }
        this.#role = 'not connected'
        if (error instanceof OtherName) continue
        this.#lose(error)
        await this.#pause(pauseMs)
        pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS)
      }
    }
    this.#role = 'not connected'
    this.#settled.resolve()
  }

  async #followOrStandBy(): Promise<void> {
    const { source, tables } = this.#options
    const group = await this.askForName()
    if (group === null) throw new Error('the store of the cache does not answer')
    this.#group = group
    if (await source.isOpen(group)) return this.#standBy()
    const followed = await FollowedTables.read(source.query, tables)
    this.#noteSchema(followed.fingerprint)
    const stream = await source.open(group, followed)
    if (!stream) return this.#standBy()
    this.#stream = stream
    try {
      if (!this.#isClosed) await this.#follow(stream, group, followed)
    } finally {
      this.#stream = null
      await stream.close()
    }
  }

  async #standBy(): Promise<void> {
    this.#isWell('standing by')
    this.#looks += 1
    if (this.#fingerprint === null || this.#looks % LOOKS_PER_CATALOGUE === 0) {
      this.#noteSchema(await readFingerprint(this.#options.source.query))
    }
    // Not all at once.
    await this.#pause(LOOK_EVERY_MS * (0.75 + Math.random() / 2))
  }

  async #follow(stream: ChangeStream, group: string, tables: FollowedTables): Promise<void> {
    await this.#options.evictAll()
    await stream.acknowledge(stream.beginsAt)
    this.#reach(stream.beginsAt)
    this.#isWell('following')
    this.#followsSince = realTime.now()
    const reading = this.#read(stream, tables)
    const watching = this.#watch(group, tables)
    await Promise.race([reading, watching]).finally(() => {
      reading.catch(() => {})
      watching.catch(() => {})
    })
  }

  async #read(stream: ChangeStream, tables: FollowedTables): Promise<void> {
    while (!this.#isClosed) {
      const { written, changesSchema, position, committedAt } = await stream.next()
      await this.#options.evict(written.list())
      if (changesSchema) await this.#renew(tables)
      await stream.acknowledge(position)
      this.#reach(position)
      if (committedAt !== null) this.#lagMs = Math.max(0, Date.now() - committedAt)
    }
  }

  /** What no change of a row tells of. */
  async #watch(group: string, tables: FollowedTables): Promise<void> {
    while (!this.#isClosed && this.#stream) {
      await this.#pause(LOOK_EVERY_MS)
      if (this.#isClosed || !this.#stream) return
      if (await tables.haveChanged()) await this.#renew(tables)
      // A store that does not answer now has not lost it, as far as anybody knows.
      if (((await this.askForName()) ?? group) !== group) throw new OtherName()
    }
  }

  async #renew(tables: FollowedTables): Promise<void> {
    await tables.refresh()
    // Ahead of the eviction: what is loaded after it shall have the tags that its writers know.
    this.#noteSchema(tables.fingerprint)
    await this.#options.evictAll()
  }

  #noteSchema(fingerprint: string): void {
    if (this.#fingerprint !== null && this.#fingerprint !== fingerprint) this.#options.onSchemaChanged()
    this.#fingerprint = fingerprint
  }

  #reach(position: Position): void {
    this.#reached = position
    this.#options.onReached(position)
  }

  #isWell(role: FollowerRole): void {
    this.#role = role
    this.#settled.resolve()
    if (this.#outage.ended())
      this.#options.logger.info(`The database ${this.#options.source.name} is followed again`)
  }

  #lose(error: unknown): void {
    this.#trouble = error
    this.#settled.resolve()
    if (!this.#outage.begun()) return
    this.#options.logger.warn(
      `The database ${this.#options.source.name} is not followed, so that what others change in it is evicted once it is again: ${reasonOf(error)}`,
    )
  }

  async #pause(ms: number): Promise<void> {
    await withinDeadline(this.#closed.promise, ms)
  }
}

/** Resolves with what a promise gives, or rejects once that takes too long. */
export async function inTime<T>(promise: Promise<T>, ms: number, late: string): Promise<T> {
  const value = await withinDeadline(promise, ms)
  if (value === LATE) throw new Error(late)
  return value
}
