import type { Cluster, Redis } from 'ioredis'
import { CacheError } from '../../errors.js'
import { deferred } from '../../tools/deferred.js'
import { realTime } from '../../tools/real-time.js'
import { LATE, withinDeadline } from '../../tools/within-deadline.js'
import type { KeySelector, LeaseEnd, StoreObserver } from '../store.js'
import type { StoreRefusal } from '../store-refusal.js'
import type { InvalidationListener } from '../tiered/tiered-store.js'
import { type Channels, channelsOf } from './channels.js'
import { type Command, CommandExecutor } from './command-executor.js'
import { CommandTurn } from './command-turn.js'
import { ConnectionState } from './connection-state.js'
import type { ScriptClient, ScriptCommand } from './define-script.js'
import { permissions, refusalOf } from './permissions.js'
import { errorReplyIn, isErrorReply } from './redis-errors.js'
import { ALARM, RedisMessages } from './redis-messages.js'
import { newToken } from './tokens.js'

export interface RedisStoreOptions {
  readonly client: Redis | Cluster
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
const CONNECTING: ReadonlySet<string> = new Set(['wait', 'connecting', 'connect'])
const SETTLING_EVENTS = ['ready', 'error', 'close', 'end'] as const

/**
 * What a store has of one client of Redis: it connects and closes the client, and connects the parts that execute
 * commands, receive messages and sweep.
 */
export class RedisConnection {
  readonly channels: Channels
  /** Of this process, among those that share the cache. */
  readonly id = newToken()
  readonly #client: ScriptClient
  readonly #options: RedisConnectionOptions
  readonly #onTrouble: (error: unknown) => void
  readonly #state: ConnectionState
  readonly #turn: CommandTurn
  readonly #executor: CommandExecutor
  readonly #messages: RedisMessages
  readonly #sweeping: NodeJS.Timeout
  #observer: StoreObserver | null = null

  /** @throws CacheError `E_CACHE_OPTION` for a client that has a key prefix of its own. */
  constructor(options: RedisConnectionOptions) {
    const { client, keyPrefix, deadlineMs, ownsClient, scripts, onTrouble = () => {} } = options
    refuseKeyPrefix(client)
    for (const { command, lua, numberOfKeys } of [...scripts, permissions])
      client.defineCommand(command, { lua, numberOfKeys })
    this.#client = client
    this.#options = options
    this.#onTrouble = onTrouble
    this.channels = channelsOf(keyPrefix)
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
    // One from `connectRedis` reports its own errors.
    if (!ownsClient) client.on('error', this.#tell)
    client.on('close', this.#onClose)
    this.#messages = new RedisMessages({
      client,
      channels: this.channels,
      onTrouble: this.#tell,
    })
    this.#sweeping = realTime.setInterval(() => this.#sweep(), SWEEP_EVERY_MS)
    this.#sweeping.unref()
    // A lazy client connects with its first command, and we send none before it is connected.
    if (client.status === 'wait') client.connect().catch(onTrouble)
  }

  isAvailable(): boolean {
    return this.#executor.hasAnswered && this.#client.status === 'ready'
  }

  /** Sets the one listener, before the first command. */
  onInvalidation(listener: InvalidationListener): void {
    this.#messages.onInvalidation(listener)
  }

  async ready(): Promise<void> {
    if (!CONNECTING.has(this.#client.status)) return
    const { promise: settled, resolve } = deferred<void>()
    const settle = () => resolve()
    for (const event of SETTLING_EVENTS) this.#client.once(event, settle)
    await withinDeadline(settled, READY_WITHIN_MS)
    for (const event of SETTLING_EVENTS) this.#client.off(event, settle)
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
    return refusalOf(cause, this.#options)
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
    if (this.#client.status !== 'ready' || !this.#state.isReady) return null
    this.#turn.open()
    return command(this.#client)
  }

  /** As of `Store`. Redis takes a message also where it takes no write. */
  async alarm(): Promise<void> {
    if (this.#client.status !== 'ready') return
    const publishing = this.#client.publish(this.channels.calls, ALARM).catch(() => 0)
    await withinDeadline(publishing, this.#options.deadlineMs)
  }

  /** Resolves once what was sent in this turn has been handed to the system. */
  sent(): Promise<void> {
    const { promise, resolve } = deferred<void>()
    this.#turn.atEnd(resolve)
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
    this.#client.off('close', this.#onClose)
    this.#messages.close()
    if (this.#options.ownsClient) {
      const quitting = this.#client.quit().catch(() => LATE)
      if ((await withinDeadline(quitting, QUIT_WITHIN_MS)) === LATE) this.#client.disconnect()
      return
    }
    this.#client.off('error', this.#tell)
    const unsubscribing = this.#messages.unsubscribe().catch((error: unknown) => {
      // Where the connection is lost, so is the subscription.
      if (isErrorReply(error)) return this.#tell(error)
    })
    await withinDeadline(unsubscribing, QUIT_WITHIN_MS)
  }

  readonly #tell = async (trouble: unknown): Promise<void> => {
    const reply = errorReplyIn(trouble)
    this.#onTrouble(reply ? await this.refusalOf(reply) : trouble)
  }

  #handshake(): Promise<unknown> {
    this.#messages.subscribe(this.#state)
    return Promise.resolve(this.#options.handshake?.(this.#client))
  }

  #sweep(): void {
    if (this.#client.status !== 'ready') return
    // Again, where it was refused.
    this.#messages.subscribe(this.#state)
    this.#options.sweep().catch(this.#onTrouble)
  }

  readonly #onClose = (): void => {
    this.#state.lose()
    this.#messages.lose()
    this.#observer?.touchLost()
  }
}

function refuseKeyPrefix({ options }: Redis | Cluster): void {
  const inCluster = 'redisOptions' in options ? options.redisOptions : undefined
  const ownPrefix = 'keyPrefix' in options ? options.keyPrefix : undefined
  if (!ownPrefix && !(inCluster && 'keyPrefix' in inCluster && inCluster.keyPrefix)) return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ redis })',
    problem: 'the ioredis client has a keyPrefix of its own, which the keys in our scripts would lack',
    mend: 'Take it out of the client and write createCache({ redis, keyPrefix }) instead.',
  })
}
