import { createHash } from 'node:crypto'
import type { ChangeSource } from '../change-source.js'
import { Connections } from '../connections.js'
import type { FollowedTables } from '../followed-tables.js'
import { loadReplication } from '../peers.js'
import type { SetupMistake } from '../setup-mistake.js'
import { mistakesOfLog } from './check-log-setup.js'
import { LOCK_CLASS, LogStream } from './log-stream.js'
import { lsnFrom } from './lsn.js'

export interface LogSourceOptions {
  readonly connectionString: string
  readonly publication: string
  /** Tables that need not be followed. */
  readonly ignore: readonly string[]
}

/** PostgreSQL's code for a slot that is there already. */
const TAKEN = '42710'

const POSITION = `SELECT pg_current_wal_insert_lsn() <= pg_current_wal_flush_lsn() AS "isFlushed",
  pg_current_wal_flush_lsn()::text AS position`

/**
 * Where something is not flushed, it may be a commit that others see: with `synchronous_commit = off` nobody waits, and the
 * log is sent up to a fifth of a second later. A commit of ours takes all that is before it along.
 */
const FLUSHED_POSITION = `BEGIN; SET LOCAL synchronous_commit = local;
  SELECT pg_logical_emit_message(true, 'express-cacheable position', '')::text AS position; COMMIT`

/** A slot that has just been made says the same as one of which all has been evicted; only who has begun holds the lock. */
const ACKNOWLEDGED = `SELECT CASE WHEN pg_try_advisory_xact_lock_shared($2, active_pid) THEN NULL
  ELSE confirmed_flush_lsn::text END AS position
  FROM pg_replication_slots WHERE slot_name = $1 AND active_pid IS NOT NULL`

const IS_OPEN = 'SELECT FROM pg_replication_slots WHERE slot_name = $1'

/** Reads PostgreSQL's log. One process of a group does: the name of its slot, of which there can be one, is the lock. */
export class LogSource implements ChangeSource {
  readonly name: string
  readonly #options: LogSourceOptions
  readonly #connections: Connections
  /** They wait for transactions that are open, who knows how long. */
  readonly #opening = new Set<LogStream>()
  #isClosed = false

  /** @throws CacheError `E_CACHE_OPTION` where `pg` or `pg-logical-replication` is not installed. */
  constructor(options: LogSourceOptions) {
    this.#options = options
    loadReplication()
    this.#connections = new Connections(options.connectionString)
    this.name = this.#connections.name
  }

  readonly query = async (sql: string) => (await this.#connections.pool.query(sql)).rows

  mistakes(): Promise<readonly SetupMistake[]> {
    return mistakesOfLog(this.query, this.#options)
  }

  async open(group: string, tables: FollowedTables): Promise<LogStream | null> {
    const { publication } = this.#options
    const slot = this.#slot(group)
    let fail = (_error: unknown) => {}
    const sql = await this.#connections.open((error) => fail(error))
    const stream = new LogStream({ client: this.#connections.config, slot, publication, sql, tables })
    fail = (error) => stream.fail(error)
    this.#opening.add(stream)
    try {
      if (this.#isClosed) throw new Error('closed')
      await stream.open()
      return stream
    } catch (error) {
      await stream.close()
      if (Object(error).code === TAKEN) return null
      throw error
    } finally {
      this.#opening.delete(stream)
    }
  }

  async isOpen(group: string): Promise<boolean> {
    const { rowCount } = await this.#connections.pool.query(IS_OPEN, [this.#slot(group)])
    return rowCount !== 0
  }

  async position(): Promise<string> {
    const [{ isFlushed, position }] = (await this.#connections.pool.query(POSITION)).rows
    if (isFlushed) return position
    const results: unknown = await this.#connections.pool.query(FLUSHED_POSITION)
    return Object(results)[2].rows[0].position
  }

  async acknowledged(group: string): Promise<string | null> {
    const { rows } = await this.#connections.pool.query(ACKNOWLEDGED, [this.#slot(group), LOCK_CLASS])
    return rows[0]?.position ?? null
  }

  isWithin(position: string, reached: string): boolean {
    return lsnFrom(position) <= lsnFrom(reached)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#opening].map((stream) => stream.close()))
    await this.#connections.pool.end()
  }

  /** Slots are the server's, and not one database's. */
  #slot(group: string): string {
    const whole = JSON.stringify([group, this.name, this.#options.publication])
    return `express_cacheable_${createHash('sha256').update(whole).digest('hex').slice(0, 16)}`
  }
}
