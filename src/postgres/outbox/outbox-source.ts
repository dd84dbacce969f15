import type { Position } from '../../dependencies/followed-database.js'
import type { ChangeSource } from '../change-source.js'
import { Connection, connect } from '../connection.js'
import type { FollowOptions } from '../follow-options.js'
import type { FollowedTables } from '../followed-tables.js'
import type { SetupMistake } from '../setup-mistake.js'
import { outboxMistakes } from './outbox-mistakes.js'
import { CHANNEL } from './outbox-sql.js'
import { OutboxStream } from './outbox-stream.js'
import { DRAW_TICKET_SQL } from './read-sql.js'

/** Reads what triggers write, where a database has no logical replication. */
export class OutboxSource implements ChangeSource {
  readonly name: string
  readonly #options: FollowOptions
  readonly #connection: Connection

  /** @param name - As people know the database. */
  constructor(options: FollowOptions, name: string) {
    this.name = name
    this.#options = options
    this.#connection = new Connection(options.connectionString)
  }

  readonly query = (sql: string) => this.#connection.query(sql)

  mistakes(): Promise<readonly SetupMistake[]> {
    return outboxMistakes(this.query, this.#options.ignore)
  }

  async open(group: string, tables: FollowedTables): Promise<OutboxStream | null> {
    // Of two that look at the same moment, one finds out below.
    if (await this.isOpen(group)) return null
    return OutboxStream.begin(await connect(this.#options.connectionString), group, tables)
  }

  async isOpen(group: string): Promise<boolean> {
    const rows = await this.#connection.query(
      `SELECT FROM express_cacheable.followers f WHERE name = $1 AND held_until > clock_timestamp()
       AND EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = f.backend)`,
      [group],
    )
    return rows.length > 0
  }

  /** Whoever follows reads at once, and need not wait until it looks the next time. */
  async position(): Promise<Position> {
    const [row] = await this.#connection.query(`${DRAW_TICKET_SQL}, pg_notify('${CHANNEL}', '')`)
    return String(row?.position)
  }

  async acknowledged(group: string): Promise<Position | null> {
    const [row] = await this.#connection.query(
      'SELECT acknowledged::text FROM express_cacheable.followers WHERE name = $1',
      [group],
    )
    return row?.acknowledged === null || row?.acknowledged === undefined ? null : String(row.acknowledged)
  }

  isWithin(position: Position, reached: Position): boolean {
    return BigInt(position) <= BigInt(reached)
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
