import type { Client, ClientConfig, Pool } from 'pg'
import type { Position } from '../../dependencies/followed-database.js'
import type { ChangeSource } from '../change-source.js'
import type { FollowedTables } from '../followed-tables.js'
import { loadPg, type Pg } from '../peers.js'
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

const CONNECT_WITHIN_MS = 5_000
const ANSWER_WITHIN_MS = 20_000
/** Whoever reads has to say each second that it is there. */
const READ_WITHIN_MS = 5_000
/** One for whoever asks for a position, one for whoever looks how far it has been followed. */
const CONNECTIONS = 2

/** Reads what triggers write, where a database has no logical replication. */
export class OutboxSource implements ChangeSource {
  readonly name: string
  readonly #options: OutboxSourceOptions
  readonly #pg: Pg
  readonly #pool: Pool

  /** @throws CacheError `E_CACHE_OPTION` where `pg` is not installed. */
  constructor(options: OutboxSourceOptions) {
    this.#options = options
    this.#pg = loadPg()
    this.name = new this.#pg.Client(this.#connection).database ?? 'PostgreSQL'
    this.#pool = new this.#pg.Pool({
      ...this.#connection,
      ...{ query_timeout: ANSWER_WITHIN_MS, max: CONNECTIONS, allowExitOnIdle: true },
    })
    // Of connections that nobody uses; whoever asks next gets another.
    this.#pool.on('error', () => {})
  }

  readonly query = async (sql: string) => (await this.#pool.query(sql)).rows

  mistakes(): Promise<readonly SetupMistake[]> {
    return outboxMistakes(this.query, this.#options.ignore)
  }

  async open(group: string, tables: FollowedTables): Promise<OutboxStream | null> {
    return OutboxStream.begin(await this.#connect(), group, tables)
  }

  async isOpen(group: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(IS_OPEN_SQL, [group])
    return rowCount !== 0
  }

  /** Whoever follows reads at once, and need not wait until it looks the next time. */
  async position(): Promise<Position> {
    const { rows } = await this.#pool.query(
      `${DRAW_TICKET_SQL}, pg_notify('${CHANNEL}', ''), set_config('synchronous_commit', 'off', true)`,
    )
    return String(rows[0]?.position)
  }

  async acknowledged(group: string): Promise<Position | null> {
    const { rows } = await this.#pool.query(ACKNOWLEDGED_SQL, [group])
    return rows[0]?.acknowledged ?? null
  }

  isWithin(position: Position, reached: Position): boolean {
    return BigInt(position) <= BigInt(reached)
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  async #connect(): Promise<Client> {
    const client = new this.#pg.Client({ ...this.#connection, query_timeout: READ_WITHIN_MS })
    // Until its stream hears of that.
    client.on('error', () => {})
    await client.connect()
    return client
  }

  get #connection(): ClientConfig {
    return {
      connectionString: this.#options.connectionString,
      application_name: 'express-cacheable',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
    }
  }
}
