import type { Client, ClientConfig, Pool } from 'pg'
import { loadPg, type Pg } from './peers.js'

const CONNECT_WITHIN_MS = 5_000
const ANSWER_WITHIN_MS = 20_000
/** One for whoever asks for a position, one for whoever looks how far it has been followed. */
const SHARED = 2

/** The connections to a database that is followed: some that all questions share, and more for who wants one alone. */
export class Connections {
  /** How each is made. */
  readonly config: ClientConfig
  /** As people know the database. */
  readonly name: string
  readonly pool: Pool
  readonly #pg: Pg

  /** @throws CacheError `E_CACHE_OPTION` where `pg` is not installed. */
  constructor(connectionString: string) {
    this.#pg = loadPg()
    this.config = {
      ...{ connectionString, application_name: 'express-cacheable', keepAlive: true },
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
    }
    this.name = new this.#pg.Client(this.config).database ?? 'PostgreSQL'
    this.pool = new this.#pg.Pool({
      ...this.config,
      ...{ query_timeout: ANSWER_WITHIN_MS, max: SHARED, allowExitOnIdle: true },
    })
    // Of connections that nobody uses; whoever asks next gets another.
    this.pool.on('error', () => {})
  }

  /** One of its own. @param onError - Hears also that it has ended. */
  async open(onError: (error: unknown) => void, answersWithinMs = ANSWER_WITHIN_MS): Promise<Client> {
    const client = new this.#pg.Client({ ...this.config, query_timeout: answersWithinMs })
    client.on('error', onError)
    client.on('end', () => onError(new Error('PostgreSQL has ended the connection')))
    await client.connect()
    return client
  }
}
