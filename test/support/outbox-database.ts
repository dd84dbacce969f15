import pg from 'pg'
import type { ChangeStream } from '#src/postgres/change-source.js'
import { FollowedTables } from '#src/postgres/followed-tables.js'
import { followedRelations } from '#src/postgres/outbox/followed-relations.js'
import { OutboxSource } from '#src/postgres/outbox/outbox-source.js'
import { OUTBOX_SQL } from '#src/postgres/outbox/outbox-sql.js'
import { triggersSql } from '#src/postgres/outbox/triggers-sql.js'
import { WrittenTags } from '#src/tracking/written-tags.js'
import { postgresForTests } from './postgres.js'

/** A database of a suite, with an outbox that its tests read. */
export class OutboxDatabase {
  readonly #url: string
  readonly #clients: pg.Client[] = []
  readonly #sources: OutboxSource[] = []
  readonly #streams: ChangeStream[] = []
  readonly #admin: pg.Client

  private constructor(url: string, admin: pg.Client) {
    this.#url = url
    this.#admin = admin
  }

  static async make(context: Mocha.Context, schema = ''): Promise<OutboxDatabase> {
    const url = await postgresForTests(context)
    const admin = new pg.Client(url)
    await admin.connect()
    await admin.query(schema)
    const database = new OutboxDatabase(url, admin)
    await database.applyTriggers()
    return database
  }

  get url(): string {
    return this.#url
  }

  async applyTriggers(): Promise<void> {
    const relations = await followedRelations(async (sql) => (await this.#admin.query(sql)).rows)
    await this.#admin.query([OUTBOX_SQL, ...relations.map(triggersSql)].join('\n'))
  }

  /** Runs SQL outside of any transaction; several statements make one. */
  async run(sql: string): Promise<readonly Record<string, unknown>[]> {
    return (await this.#admin.query(sql)).rows
  }

  /** Another connection, for the test. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#url)
    client.on('error', () => {})
    await client.connect()
    this.#clients.push(client)
    return client
  }

  source(): OutboxSource {
    const source = new OutboxSource({ connectionString: this.#url, ignore: [] })
    this.#sources.push(source)
    return source
  }

  async open(source: OutboxSource, group: string): Promise<ChangeStream | null> {
    const stream = await source.open(group, await FollowedTables.read(source.query, {}))
    if (stream) this.#streams.push(stream)
    return stream
  }

  /** Ends what the test has opened. */
  async release(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.end()
    for (const stream of this.#streams.splice(0)) await stream.close()
    for (const source of this.#sources.splice(0)) await source.close()
  }

  async close(): Promise<void> {
    await this.release()
    await this.#admin.end()
  }
}

/** The tags of all that is committed by now and has not been read yet. */
export async function readAll(stream: ChangeStream, source: OutboxSource): Promise<readonly string[]> {
  const position = await source.position()
  const written = new WrittenTags()
  for (;;) {
    const batch = await stream.next()
    written.addAll(batch.written)
    if (source.isWithin(position, batch.position)) return [...written.list()].sort()
  }
}
