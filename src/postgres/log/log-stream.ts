import type { Client } from 'pg'
import { deferred } from '../../tools/deferred.js'
import { realTime, sleep } from '../../tools/real-time.js'
import { withinDeadline } from '../../tools/within-deadline.js'
import { WrittenTags } from '../../tracking/written-tags.js'
import type { ChangeBatch, ChangeStream } from '../change-source.js'
import type { FollowedTables } from '../followed-tables.js'
import { LogConnection, type LogConnectionOptions } from './log-connection.js'
import { type Committed, LogReader } from './log-reader.js'
import { lsnFrom, lsnText } from './lsn.js'
import { Snapshot } from './snapshot.js'

export interface LogStreamOptions extends Omit<LogConnectionOptions, 'onMessage' | 'onProgress' | 'onEnd'> {
  /** For whatever is asked besides; nobody else uses it. */
  readonly sql: Client
  readonly tables: FollowedTables
}

/** `expc`: what the locks of this package have in common. */
export const LOCK_CLASS = 0x65_78_70_63

/** With more, PostgreSQL waits. Those that are not visible yet are as many as it has connections. */
const MOST_PENDING = 20_000
const CLOSE_WITHIN_MS = 1_000
const FIRST_LOOK_MS = 0.5
const LAST_LOOK_MS = 50
/** For transactions that the log may lack. They are as short as most, or nobody knows how long. */
const UNSEEN_WITHIN_MS = 10_000

/**
 * What the log tells, a transaction once it is visible: PostgreSQL writes a commit into the log before others see it, and
 * with synchronous replication long before. Whoever would load in between would store what was there before.
 */
export class LogStream implements ChangeStream {
  readonly #connection: LogConnection
  readonly #reader: LogReader
  readonly #sql: Client
  readonly #pending: Committed[] = []
  /**
   * Transactions that began while the slot was made. PostgreSQL waits for all older ones, until they are visible; of these,
   * the log may lack one that was committed then and is not visible yet.
   */
  readonly #unseen = new Set<bigint>()
  #told = 0n
  #progress = 0n
  #hasBegun = false
  #failure: { readonly error: unknown } | null = null
  #arrival = deferred<void>()

  constructor({ sql, tables, ...options }: LogStreamOptions) {
    this.#reader = new LogReader(tables)
    this.#sql = sql
    this.#connection = new LogConnection({
      ...options,
      onMessage: (message) => this.#receive(message),
      onProgress: (lsn) => this.#advance(lsn),
      onEnd: (error) => this.fail(error),
    })
  }

  /** @throws What PostgreSQL says, where another connection has such a slot, too. */
  async open(): Promise<void> {
    const before = await this.#snapshot()
    await this.#connection.open()
    this.#told = this.#connection.beginsAt
    this.#progress = this.#told
    const after = await this.#snapshot()
    for (const xid of after.begunSince(before)) this.#unseen.add(xid)
    const endsAt = realTime.now() + UNSEEN_WITHIN_MS
    while (this.#unseen.size > 0 && realTime.now() < endsAt) {
      await sleep(LAST_LOOK_MS)
      this.#seen(await this.#snapshot())
    }
    if (this.#failure) throw this.#failure.error
  }

  get beginsAt(): string {
    return lsnText(this.#connection.beginsAt)
  }

  /** Ends it, as one that has failed. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#arrival.resolve()
  }

  async next(): Promise<ChangeBatch> {
    for (let lookAfterMs = FIRST_LOOK_MS; ; lookAfterMs = Math.min(2 * lookAfterMs, LAST_LOOK_MS)) {
      await this.#something()
      const batch = await this.#take()
      if (batch) return batch
      await sleep(lookAfterMs)
    }
  }

  async acknowledge(position: string): Promise<void> {
    if (!this.#hasBegun) {
      // As long as it holds this lock, others believe what the slot says.
      await this.#sql.query('SELECT pg_advisory_lock($1, $2)', [LOCK_CLASS, this.#connection.processId])
      this.#hasBegun = true
    }
    this.#connection.confirm(lsnFrom(position))
  }

  async close(): Promise<void> {
    this.fail(new Error('closed'))
    await this.#connection.close()
    await withinDeadline(
      this.#sql.end().catch(() => {}),
      CLOSE_WITHIN_MS,
    )
  }

  #receive(message: Buffer): void {
    const committed = this.#reader.read(message)
    if (!committed) return
    this.#pending.push(committed)
    if (this.#pending.length >= MOST_PENDING) this.#connection.holdBack(true)
    this.#arrival.resolve()
  }

  /** @param lsn - All before it has been received. */
  #advance(lsn: bigint): void {
    // In the middle of a transaction, that one has not been.
    if (this.#reader.isWithin || lsn <= this.#progress) return
    this.#progress = lsn
    this.#arrival.resolve()
  }

  /** Resolves once there may be something to tell. @throws What ended the stream. */
  async #something(): Promise<void> {
    if (this.#pending.length === 0 && this.#progress <= this.#told && !this.#failure) {
      this.#arrival = deferred()
      await (this.#unseen.size === 0
        ? this.#arrival.promise
        : withinDeadline(this.#arrival.promise, LAST_LOOK_MS))
    }
    if (this.#failure) throw this.#failure.error
  }

  /** All that is visible of what has been received so far; `null`: nothing that was not told. */
  async #take(): Promise<ChangeBatch | null> {
    const pending = [...this.#pending]
    const reached = maxOf(this.#progress, pending.at(-1)?.endsAt ?? 0n)
    const written = new WrittenTags()
    const isVisible = await this.#visibility(pending, written)
    const hidden = pending.filter((committed) => !isVisible(committed))
    const visible = pending.filter(isVisible)
    for (const committed of visible) written.addAll(committed.written)
    const changesSchema = visible.some((committed) => committed.changesSchema)
    // What has come meanwhile stays behind them.
    this.#pending.splice(0, pending.length, ...hidden)
    if (this.#pending.length < MOST_PENDING) this.#connection.holdBack(false)
    const position = maxOf(this.#told, hidden[0]?.commitAt ?? reached)
    if (written.isEmpty && !changesSchema && position === this.#told) return null
    this.#told = position
    const committedAt = visible.find((committed) => !isNothing(committed))?.committedAt ?? null
    return { written, changesSchema, position: lsnText(position), committedAt }
  }

  /** @param written - Gets what the log may lack. */
  async #visibility(
    pending: readonly Committed[],
    written: WrittenTags,
  ): Promise<(committed: Committed) => boolean> {
    if (this.#unseen.size === 0 && pending.every(isNothing)) return () => true
    const snapshot = await this.#snapshot()
    if (this.#seen(snapshot)) written.addEverything()
    return (committed) => isNothing(committed) || snapshot.isOver(snapshot.fullXid(committed.xid))
  }

  /** @returns Whether a transaction has become visible, or been rolled back, of which the log tells nothing. */
  #seen(snapshot: Snapshot): boolean {
    for (const { xid } of this.#pending) this.#unseen.delete(snapshot.fullXid(xid))
    const over = [...this.#unseen].filter((xid) => snapshot.isOver(xid))
    for (const xid of over) this.#unseen.delete(xid)
    return over.length > 0
  }

  async #snapshot(): Promise<Snapshot> {
    const { rows } = await this.#sql.query('SELECT pg_current_snapshot()::text AS snapshot')
    return Snapshot.from(rows[0].snapshot)
  }
}

function isNothing({ written, changesSchema }: Committed): boolean {
  return written.isEmpty && !changesSchema
}

function maxOf(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
