import type { Position } from '../../dependencies/followed-database.js'
import type { ChangeSource } from '../change-source.js'
import { Connections } from '../connections.js'
import type { FollowedTables } from '../followed-tables.js'
import type { SetupMistake } from '../setup-mistake.js'
import { outboxMistakes } from './outbox-mistakes.js'
import { CHANNEL } from './outbox-sql.js'
import { OutboxStream } from './outbox-stream.js'
import { ACKNOWLEDGED_SQL, DRAW_TICKET_SQL, IS_OPEN_SQL } from './read-sql.js'

export interface OutboxSourceOptions {
  readonly connectionString: string
  /** Tables that need not be followed. */
  readonly ignore: readonly string[]
}

/** Whoever reads has to say each second that it is there. */
const READ_WITHIN_MS = 5_000

/** Reads what triggers write, where a database has no logical replication. */
export class OutboxSource implements ChangeSource {
  readonly name: string
  readonly #options: OutboxSourceOptions
  readonly #connections: Connections

  /** @throws CacheError `E_CACHE_OPTION` where `pg` is not installed. */
  constructor(options: OutboxSourceOptions) {
    this.#options = options
    this.#connections = new Connections(options.connectionString)
    this.name = this.#connections.name
  }

  readonly query = async (sql: string) => (await this.#connections.pool.query(sql)).rows

  mistakes(): Promise<readonly SetupMistake[]> {
    return outboxMistakes(this.query, this.#options.ignore)
  }

  async open(group: string, tables: FollowedTables): Promise<OutboxStream | null> {
    // Its stream hears of what befalls the connection.
    return OutboxStream.begin(await this.#connections.open(() => {}, READ_WITHIN_MS), group, tables)
  }

  async isOpen(group: string): Promise<boolean> {
    const { rowCount } = await this.#connections.pool.query(IS_OPEN_SQL, [group])
    return rowCount !== 0
  }

  /** Whoever follows reads at once, and need not wait until it looks the next time. */
  async position(): Promise<Position> {
    const { rows } = await this.#connections.pool.query(
      `${DRAW_TICKET_SQL}, pg_notify('${CHANNEL}', ''), set_config('synchronous_commit', 'off', true)`,
    )
    return String(rows[0]?.position)
  }

  async acknowledged(group: string): Promise<Position | null> {
    const { rows } = await this.#connections.pool.query(ACKNOWLEDGED_SQL, [group])
    return rows[0]?.acknowledged ?? null
  }

  isWithin(position: Position, reached: Position): boolean {
    return BigInt(position) <= BigInt(reached)
  }

  async close(): Promise<void> {
    await this.#connections.pool.end()
  }
}
