import type { Socket } from 'node:net'
import type { Client, ClientConfig } from 'pg'
import { type Deferred, deferred } from '../../tools/deferred.js'
import { realTime } from '../../tools/real-time.js'
import { withinDeadline } from '../../tools/within-deadline.js'
import { loadReplication } from '../peers.js'
import { quotedName } from '../quoted.js'
import { lsnFrom, lsnText } from './lsn.js'

export interface LogConnectionOptions {
  readonly client: ClientConfig
  readonly slot: string
  readonly publication: string
  readonly onMessage: (message: Buffer) => void
  /** All before it has been sent. */
  readonly onProgress: (lsn: bigint) => void
  /** It is the last that is heard of the connection. */
  readonly onEnd: (error: unknown) => void
}

/** After as much silence each side takes the other for gone. PostgreSQL drops a temporary slot with its connection. */
const SILENCE_MS = 5_000
const STATUS_EVERY_MS = 1_000
const CLOSE_WITHIN_MS = 1_000

/** One reading of the log through a temporary slot, which is there as long as the connection is. */
export class LogConnection {
  readonly #options: LogConnectionOptions
  readonly #service: InstanceType<ReturnType<typeof loadReplication>['LogicalReplicationService']>
  readonly #started: Deferred<void> = deferred()
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #heardAt = realTime.now()
  #confirmed = 0n
  #isHeldBack = false
  #hasEnded = false

  constructor(options: LogConnectionOptions) {
    this.#options = options
    // It may end before anybody waits for it.
    this.#started.promise.catch(() => {})
    const { LogicalReplicationService } = loadReplication()
    this.#service = new LogicalReplicationService(options.client, {
      acknowledge: { auto: false, timeoutSeconds: 0 },
    })
  }

  /** From where on nothing is missed. */
  get beginsAt(): bigint {
    return this.#confirmed
  }

  /** Of PostgreSQL's process that sends the log. */
  get processId(): number {
    return Number(Reflect.get(Object(this.#client), 'processID'))
  }

  /** Makes the slot, which takes until transactions that are open now are over, and begins to read. */
  async open(): Promise<void> {
    const { slot, onMessage, onProgress } = this.#options
    this.#service.on('error', (error) => this.#end(error))
    this.#service.on('start', () => this.#started.resolve())
    this.#service.on('data', (_lsn, message: Buffer) => {
      this.#heardAt = realTime.now()
      this.#guard(() => onMessage(message))
    })
    this.#service.on('heartbeat', (lsn, _at, shouldRespond) => {
      this.#heardAt = realTime.now()
      if (shouldRespond) this.#sendStatus(false)
      this.#guard(() => onProgress(lsnFrom(lsn)))
    })
    const plugin = {
      name: 'pgoutput',
      options: {},
      // Errors in here would end the process.
      parse: (message: Buffer) => message,
      start: (client: Client) => this.#start(client),
    }
    this.#service.subscribe(plugin, slot).then(
      () => this.#end(new Error('PostgreSQL has ended the replication')),
      (error) => this.#end(error),
    )
    await this.#started.promise
    this.#heardAt = realTime.now()
    this.#timer = realTime.setInterval(() => this.#look(), STATUS_EVERY_MS)
    this.#timer.unref()
  }

  /** Tells PostgreSQL that all before it is done with. */
  confirm(lsn: bigint): void {
    if (lsn > this.#confirmed) this.#confirmed = lsn
    this.#sendStatus(false)
  }

  /** Lets PostgreSQL wait with what is to come, or go on. */
  holdBack(isHeldBack: boolean): void {
    if (this.#isHeldBack === isHeldBack) return
    this.#isHeldBack = isHeldBack
    this.#heardAt = realTime.now()
    if (isHeldBack) this.#socket?.pause()
    else this.#socket?.resume()
  }

  async close(): Promise<void> {
    this.#end(new Error('closed'))
    const closing = this.#service.destroy().catch(() => {})
    await withinDeadline(closing, CLOSE_WITHIN_MS)
    // The package has taken its listeners away, and an error that nobody hears would end the process.
    for (const emitter of [this.#client, Reflect.get(Object(this.#client), 'connection')]) {
      emitter?.on('error', () => {})
    }
    this.#socket?.destroy()
  }

  get #socket(): Socket | undefined {
    return Reflect.get(Object(Reflect.get(Object(this.#client), 'connection')), 'stream')
  }

  async #start(client: Client): Promise<unknown> {
    this.#client = client
    const { slot, publication } = this.#options
    // So that a process which is frozen, or cut off, makes way for another.
    await client.query(`SET wal_sender_timeout = ${SILENCE_MS}`)
    const made = await client.query(
      `CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
    )
    this.#confirmed = lsnFrom(made.rows[0].consistent_point)
    // Replication commands know no E'' and take a backslash for itself.
    const names = quotedName(publication).replaceAll("'", "''")
    return client.query(
      `START_REPLICATION SLOT "${slot}" LOGICAL 0/0 (proto_version '1', publication_names '${names}', messages 'true')`,
    )
  }

  #look(): void {
    this.#sendStatus(true)
    if (this.#isHeldBack || realTime.now() - this.#heardAt <= SILENCE_MS) return
    // What has come while this process did nothing is read ahead of this.
    realTime.setImmediate(() => {
      if (realTime.now() - this.#heardAt > SILENCE_MS) this.#end(new Error('PostgreSQL says nothing'))
    })
  }

  /** The package sends what comes behind the place that it is given. */
  #sendStatus(asksForReply: boolean): void {
    if (!this.#hasEnded) void this.#service.acknowledge(lsnText(this.#confirmed - 1n), asksForReply)
  }

  #guard(act: () => void): void {
    if (this.#hasEnded) return
    try {
      act()
    } catch (error) {
      this.#end(error)
    }
  }

  #end(error: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    realTime.clearInterval(this.#timer)
    this.#started.reject(error)
    this.#options.onEnd(error)
  }
}
