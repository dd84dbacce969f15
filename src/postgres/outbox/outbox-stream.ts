import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import type { Position } from '../../dependencies/followed-database.js'
import { realTime, sleep } from '../../tools/real-time.js'
import { withinDeadline } from '../../tools/within-deadline.js'
import { WrittenTags } from '../../tracking/written-tags.js'
import type { ChangeBatch, ChangeStream } from '../change-source.js'
import type { FollowedTables } from '../followed-tables.js'
import { addChange, type OutboxChange } from './add-change.js'
import { CHANNEL } from './outbox-sql.js'
import {
  ACKNOWLEDGE_SQL,
  ARE_UNNOTED_OVER_SQL,
  DRAW_TICKET_SQL,
  KEEP_SQL,
  LEAVE_SQL,
  MOST_CHANGES,
  readSql,
  SESSION_SQL,
  SWEEP_SQL,
  TAKE_SQL,
} from './read-sql.js'

/** Also without a notification: none comes of what is prepared, nor of what began while this process was busy. */
const LOOK_EVERY_MS = 250
/** While so much is written that notifications would hold up those who write. */
const LOOK_EVERY_MS_IF_BUSY = 10
const BUSY_CHANGES_A_SECOND = 25
const KEEP_EVERY_MS = 1_000
const ASK_AGAIN_MS = 50
/** For transactions that have noted nothing; they may take for ever. */
const UNNOTED_WITHIN_MS = 5_000
const CLOSE_WITHIN_MS = 1_000

interface ReadChanges {
  readonly position: Position
  readonly changes: readonly OutboxChange[]
  /** When the oldest was written, epoch milliseconds: PostgreSQL does not say when that was committed. */
  readonly oldestMs: number | null
}

/** The outbox, read by the one process that holds its group. */
export class OutboxStream implements ChangeStream {
  readonly #client: Client
  readonly #group: string
  readonly #holder = randomUUID()
  readonly #tables: FollowedTables
  readonly #keeping: NodeJS.Timeout
  #position = '0'
  #beginsAt = '0'
  #failure: Error | undefined
  #isBusy = false
  #changesThisSecond = 0
  #isWoken = false
  #wake: () => void = wakeNobody

  private constructor(client: Client, group: string, tables: FollowedTables) {
    this.#client = client
    this.#group = group
    this.#tables = tables
    client.on('notification', () => this.#wakeUp())
    client.on('error', (error) => this.#fail(error))
    client.on('end', () => this.#fail(new Error('the connection to the database has ended')))
    this.#keeping = realTime.setInterval(() => void this.#keep(), KEEP_EVERY_MS)
  }

  /**
   * Takes the group, and waits until nobody writes who has not noted it.
   *
   * @param client - Its own from now on.
   * @returns `null` where another process holds it.
   */
  static async begin(client: Client, group: string, tables: FollowedTables): Promise<OutboxStream | null> {
    const stream = new OutboxStream(client, group, tables)
    try {
      if (await stream.#begin()) return stream
    } catch (error) {
      await stream.close()
      throw error
    }
    await stream.close()
    return null
  }

  get beginsAt(): Position {
    return this.#beginsAt
  }

  async #begin(): Promise<boolean> {
    await this.#client.query(SESSION_SQL)
    const { rowCount } = await this.#client.query(TAKE_SQL, [this.#group, this.#holder])
    if (rowCount === 0) return false
    await this.#client.query(`LISTEN ${CHANNEL}`)
    await this.#waitForUnnoted()
    this.#beginsAt = (await this.#client.query(DRAW_TICKET_SQL)).rows[0]?.position
    this.#position = this.#beginsAt
    return true
  }

  async #waitForUnnoted(): Promise<void> {
    const endsAt = realTime.now() + UNNOTED_WITHIN_MS
    for (;;) {
      if (this.#failure) throw this.#failure
      const { rows } = await this.#client.query(ARE_UNNOTED_OVER_SQL)
      if (rows[0]?.areOver) return
      if (realTime.now() > endsAt)
        throw new Error('a transaction that wrote while nobody followed is still open')
      await sleep(ASK_AGAIN_MS)
    }
  }

  async next(): Promise<ChangeBatch> {
    for (;;) {
      if (this.#failure) throw this.#failure
      this.#isWoken = false
      const read = await this.#read()
      if (read.changes.length > 0 || read.position !== this.#position) return this.#batchOf(read)
      await this.#sleep()
    }
  }

  async #read(): Promise<ReadChanges> {
    // Of several statements `pg` gives several results.
    const results: unknown = await this.#client.query(readSql(this.#group, this.#holder))
    const [ticket, read] = results as readonly { readonly rows: readonly Record<string, unknown>[] }[]
    const { isHeld, changes, oldestMs } = read?.rows[0] ?? {}
    if (!isHeld) throw this.#fail(lapsed())
    return {
      position: String(ticket?.rows[0]?.position),
      changes: changes === null ? [] : JSON.parse(String(changes)),
      oldestMs: oldestMs === null ? null : Number(oldestMs),
    }
  }

  #batchOf({ position, changes, oldestMs }: ReadChanges): ChangeBatch {
    this.#changesThisSecond += changes.length
    const written = new WrittenTags()
    let changesSchema = false
    for (const change of changes) changesSchema = addChange(written, change, this.#tables) || changesSchema
    // There may be more of what was committed before.
    if (changes.length < MOST_CHANGES) this.#position = position
    return { written, changesSchema, position: this.#position, committedAt: oldestMs }
  }

  async acknowledge(position: Position): Promise<void> {
    const { rowCount } = await this.#client.query(ACKNOWLEDGE_SQL, [this.#group, this.#holder, position])
    if (rowCount === 0) throw this.#fail(lapsed())
  }

  async close(): Promise<void> {
    const hasFailed = this.#failure !== undefined
    this.#fail(new Error('the stream has been closed'))
    const leave = () => this.#client.query(LEAVE_SQL, [this.#group, this.#holder])
    if (!hasFailed) await leave().catch(() => {})
    const ended = this.#client.end().catch(() => {})
    await withinDeadline(ended, CLOSE_WITHIN_MS)
  }

  async #keep(): Promise<void> {
    const isBusy = this.#changesThisSecond >= BUSY_CHANGES_A_SECOND
    this.#changesThisSecond = 0
    this.#isBusy ||= isBusy
    try {
      const { rowCount } = await this.#client.query(KEEP_SQL, [this.#group, this.#holder, isBusy])
      this.#isBusy = isBusy
      if (rowCount === 0) this.#fail(lapsed())
      else await this.#client.query(SWEEP_SQL)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  async #sleep(): Promise<void> {
    if (this.#isWoken || this.#failure) return
    await new Promise<void>((resolve) => {
      const timer = realTime.setTimeout(resolve, this.#isBusy ? LOOK_EVERY_MS_IF_BUSY : LOOK_EVERY_MS)
      const wake = () => {
        realTime.clearTimeout(timer)
        resolve()
      }
      this.#wake = wake
    })
    this.#wake = wakeNobody
  }

  #wakeUp(): void {
    this.#isWoken = true
    this.#wake()
  }

  /** The first of all failures is what ended it. */
  #fail(error: Error): Error {
    if (this.#failure) return this.#failure
    this.#failure = error
    realTime.clearInterval(this.#keeping)
    this.#wakeUp()
    return error
  }
}

function lapsed(): Error {
  return new Error('this process was not heard of for too long, so that another one may follow the database')
}

function wakeNobody(): void {}
