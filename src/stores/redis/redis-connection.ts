import { adapterOf } from '../../clients/adapter-of.js'
import { errorReplyIn, isErrorReply } from '../../clients/error-reply.js'
import type { RedisClient } from '../../clients/redis-client.js'
import type { ScriptCommand, StoreClient } from '../../clients/store-client.js'
import { CacheError } from '../../errors.js'
import { type Deferred, deferred } from '../../tools/deferred.js'
import { realTime } from '../../tools/real-time.js'
import { LATE, withinDeadline } from '../../tools/within-deadline.js'
import type { KeySelector, LeaseEnd, StoreObserver } from '../store.js'
import type { StoreRefusal } from '../store-refusal.js'
import type { InvalidationListener } from '../tiered/tiered-store.js'
import { type Channels, channelsOf } from './channels.js'
import { type Command, CommandExecutor } from './command-executor.js'
import { CommandTurn } from './command-turn.js'
import { ConnectionState } from './connection-state.js'
import { permissions, refusalOf } from './permissions.js'
import { isNoDatabase, noDatabase } from './redis-errors.js'
import { ALARM, RedisMessages } from './redis-messages.js'
import { newToken } from './tokens.js'

export interface RedisStoreOptions {
  readonly client: RedisClient
  /** Stands before every key. */
  readonly keyPrefix: string
  /** How long any operation may take. */
  readonly deadlineMs: number
  /** Whether `close` ends the client. */
  readonly ownsClient: boolean
  /** Gets the errors of what no caller waits for. */
  readonly onTrouble?: ((error: unknown) => void) | undefined
}

export interface RedisConnectionOptions extends RedisStoreOptions {
  readonly scripts: readonly ScriptCommand[]
  /** Runs on each new connection before any other command. */
  readonly handshake?: Command<unknown>
  /** Runs now and then, while the client is connected. */
  readonly sweep: () => Promise<unknown>
}

const READY_WITHIN_MS = 2_000
const QUIT_WITHIN_MS = 500
const SWEEP_EVERY_MS = 5_000

/**
 * What a store has of one client of Redis: it connects and closes the client, and connects the parts that execute
 * commands, receive messages and sweep.
 */
export class RedisConnection {
  readonly channels: Channels
  /** Of this process, among those that share the cache. */
  readonly id = newToken()
  readonly #client: StoreClient
  readonly #options: RedisConnectionOptions
  readonly #onTrouble: (error: unknown) => void
  readonly #state: ConnectionState
  readonly #turn: CommandTurn
  readonly #executor: CommandExecutor
  readonly #messages: RedisMessages
  readonly #sweeping: NodeJS.Timeout
  readonly #stopListening: () => void
  #tokens = 0
  #observer: StoreObserver | null = null
  /** Resolved once it is known whether the client gets a connection. */
  #settling: Deferred<void> | null = null
  /** What no waiting mends. */
  #mistake: CacheError | null = null
  #isClosed = false

  /** @throws CacheError `E_CACHE_OPTION` for a client that has a key prefix of its own. */
  constructor(options: RedisConnectionOptions) {
    const { keyPrefix, deadlineMs, scripts, onTrouble = () => {} } = options
    const client = adapterOf(options.client)
    refuseKeyPrefix(client)
    for (const script of [...scripts, permissions]) client.define(script)
    this.#client = client
    this.#options = options
    this.#onTrouble = onTrouble
    this.channels = channelsOf(keyPrefix, this.id)
    this.#state = new ConnectionState(() => this.#handshake())
    this.#turn = new CommandTurn(client)
    this.#executor = new CommandExecutor({
      client,
      connection: this.#state,
      turn: this.#turn,
      deadlineMs,
      onSilence: () => this.#observer?.touchLost(),
      refusalOf: (cause) => this.refusalOf(cause),
    })
    this.#messages = new RedisMessages({
      client,
      channels: this.channels,
      onTrouble: this.#tell,
    })
    this.#stopListening = client.listen({
      ready: () => this.#settle(),
      lost: () => this.#onLoss(),
      trouble: (error) => this.#onClientTrouble(error),
      message: (channel, text) => this.#messages.receive(channel, text),
    })
    this.#sweeping = realTime.setInterval(() => this.#sweep(), SWEEP_EVERY_MS)
    this.#sweeping.unref()
  }

  /** Unlike any other. It begins with `id`, so that whoever waits with it can be told. */
  newToken(): string {
    this.#tokens += 1
    return `${this.id}.${this.#tokens.toString(36)}`
  }

  isAvailable(): boolean {
    return this.#executor.hasAnswered && this.#client.isReady
  }

  /** Sets the one listener, before the first command. */
  onInvalidation(listener: InvalidationListener): void {
    this.#messages.onInvalidation(listener)
  }

  /** As of `Store`. @throws CacheError `E_CACHE_OPTION` for a database that the server does not have. */
  async ready(): Promise<void> {
    const client = this.#client
    client.connect()
    if (client.isConnecting) {
      this.#settling ??= deferred<void>()
      await withinDeadline(this.#settling.promise, READY_WITHIN_MS)
      this.#settling = null
    }
    if (client.isReady && client.database !== 0) {
      await withinDeadline(
        this.#state.handshake().catch((error: unknown) => this.#noteMistake(error)),
        READY_WITHIN_MS,
      )
    }
    if (this.#mistake) throw this.#mistake
  }

  /** Sets the one observer, before the first command. */
  observe(observer: StoreObserver): void {
    this.#observer = observer
    this.#messages.onCall((call) => {
      if (call === ALARM) observer.touchLost()
      else observer.rollCalled(call)
    })
  }

  /** Tells the listener of what this process has evicted itself. */
  tellEvicted(selectors: readonly KeySelector[]): void {
    this.#messages.tellEvicted(selectors)
  }

  tellForeign(key: string, type: string): void {
    this.#observer?.foreignFound(key, type)
  }

  /** Takes this process out of those that share the cache. */
  async leave({ members, calls }: { readonly members: string; readonly calls: string }): Promise<void> {
    await this.execute((client) => Promise.all([client.zrem(members, this.id), client.hdel(calls, this.id)]))
  }

  /** What an error reply of Redis means. */
  refusalOf(cause: Error): Promise<StoreRefusal> {
    const { keyPrefix, deadlineMs, scripts } = this.#options
    return refusalOf(cause, { client: this.#client, keyPrefix, deadlineMs, scripts })
  }

  /** As of `CommandExecutor`. */
  execute<T>(command: Command<T>, undo?: Command<unknown>): Promise<T> {
    return this.#executor.execute(command, undo)
  }

  /**
   * Sends a command where the connection stands, whether Redis answers or not.
   *
   * @returns Its reply, whenever that comes; `null` if it was not sent.
   */
  post<T>(command: Command<T>): Promise<T> | null {
    if (!this.#client.isReady || !this.#state.isReady) return null
    this.#turn.open()
    return command(this.#client)
  }

  /** As of `Store`. Redis takes a message also where it takes no write. */
  async alarm(): Promise<void> {
    if (!this.#client.isReady) return
    const publishing = this.#client.publish(this.channels.calls, ALARM).catch(() => 0)
    await withinDeadline(publishing, this.#options.deadlineMs)
  }

  /** Resolves once what was sent in this turn has been handed to the system. */
  sent(): Promise<void> {
    const { promise, resolve } = deferred<void>()
    this.#turn.atEnd(() => this.#client.afterWriting(resolve))
    return promise
  }

  /** As of `CommandTurn`. */
  atEndOfTurn(act: () => void): void {
    this.#turn.atEnd(act)
  }

  waitForLease(lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#messages.waitForLease(lease, timeoutMs)
  }

  async close(): Promise<void> {
    realTime.clearInterval(this.#sweeping)
    this.#isClosed = true
    this.#messages.close()
    if (this.#options.ownsClient) {
      const quitting = this.#client.quit().catch(() => LATE)
      if ((await withinDeadline(quitting, QUIT_WITHIN_MS)) === LATE) this.#client.destroy()
      this.#stopListening()
      return
    }
    const unsubscribing = this.#messages.unsubscribe().catch((error: unknown) => {
      // Where the connection is lost, so is the subscription.
      if (isErrorReply(error)) return this.#tell(error)
    })
    await withinDeadline(unsubscribing, QUIT_WITHIN_MS)
    this.#stopListening()
  }

  readonly #tell = async (trouble: unknown): Promise<void> => {
    const reply = errorReplyIn(trouble)
    this.#onTrouble(reply ? await this.refusalOf(reply) : trouble)
  }

  /** Nothing is done in a database that is not the one which was asked for. */
  async #handshake(): Promise<void> {
    const { handshake } = this.#options
    this.#messages.subscribe(this.#state)
    if (this.#client.database !== 0) await this.#client.selectDatabase()
    await handshake?.(this.#client)
  }

  #sweep(): void {
    if (!this.#client.isReady) return
    // Again, where it was refused.
    this.#messages.subscribe(this.#state)
    this.#options.sweep().catch(this.#onTrouble)
  }

  /** Where one server of a cluster has failed, another may be asked next; whether none is left is known in a moment. */
  #settle(): void {
    const settling = this.#settling
    if (!settling) return
    if (!this.#client.isCluster) {
      settling.resolve()
      return
    }
    realTime.setImmediate(() => {
      if (!this.#client.isConnecting) settling.resolve()
    })
  }

  #onLoss(): void {
    if (this.#isClosed) return
    this.#settle()
    this.#state.lose()
    this.#messages.lose()
    this.#observer?.touchLost()
  }

  #onClientTrouble(error: unknown): void {
    this.#noteMistake(error)
    this.#settle()
    // One from `connectRedis` reports its own errors.
    if (!this.#options.ownsClient && !this.#isClosed) this.#tell(error)
  }

  #noteMistake(error: unknown): void {
    const reply = errorReplyIn(error)
    if (reply && isNoDatabase(reply)) this.#mistake ??= noDatabase(this.#client.database, reply)
  }
}

function refuseKeyPrefix({ keyPrefix }: StoreClient): void {
  if (keyPrefix === '') return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ redis })',
    problem: 'the client has a keyPrefix of its own, which the keys in our scripts would lack',
    mend: 'Take it out of the client and write createCache({ redis, keyPrefix }) instead.',
  })
}
