import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'
import { loadPg } from './peers.js'

/** A server that does not answer within it counts as gone. */
const ANSWERS_WITHIN_MS = 5_000

const ENDS_WITHIN_MS = 1_000

/**
 * Each statement has to see what was committed before it, also those that are sent together; and nothing of what is written
 * here has to outlive a crash.
 */
const SESSION = `SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE;
  SET synchronous_commit = off; SET statement_timeout = 0; SET jit = off`

type Row = Readonly<Record<string, unknown>>

/** Connects to a database. @throws what `pg` throws, and CacheError `E_CACHE_OPTION` where it is not installed. */
export async function connect(connectionString: string): Promise<Client> {
  const { Client: PgClient } = loadPg()
  const client = new PgClient({
    ...{ connectionString, connectionTimeoutMillis: ANSWERS_WITHIN_MS, query_timeout: ANSWERS_WITHIN_MS },
    ...{ application_name: 'express-cacheable', keepAlive: true },
  })
  // Whoever uses it hears of that from its statements.
  client.on('error', () => {})
  await client.connect()
  await client.query(SESSION)
  return client
}

/** Ends a connection, also to a server that no longer answers. */
export async function disconnect(client: Client): Promise<void> {
  const ended = client.end().catch(() => {})
  await Promise.race([ended, delay(ENDS_WITHIN_MS, undefined, { ref: false })])
}

/** A connection that is made when it is first used, and anew after it was lost. */
export class Connection {
  readonly #connectionString: string
  #client: Promise<Client> | undefined
  #isClosed = false

  constructor(connectionString: string) {
    this.#connectionString = connectionString
  }

  async query(sql: string, args: readonly unknown[] = []): Promise<readonly Row[]> {
    if (this.#isClosed) throw new Error('the connection to the database has been closed')
    this.#client ??= connect(this.#connectionString)
    const connecting = this.#client
    try {
      const client = await connecting
      return (await client.query(sql, [...args])).rows
    } catch (error) {
      if (!isRefusal(error) && this.#client === connecting) this.#drop()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#drop()
  }

  async #drop(): Promise<void> {
    const client = await this.#client?.catch(() => undefined)
    this.#client = undefined
    if (client) await disconnect(client)
  }
}

/** Whether the server itself has said no, and goes on to answer. */
function isRefusal(error: unknown): boolean {
  return Object(error).severity === 'ERROR'
}
