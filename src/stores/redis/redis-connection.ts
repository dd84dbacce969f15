import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Cluster, Redis } from 'ioredis'
import { CacheError } from '../../errors.js'
import { LATE, withinDeadline } from '../../tools/within-deadline.js'
import { LeaseWaiters } from '../lease-waiters.js'
import type { LeaseEnd } from '../store.js'
import { selectorsInMessage } from '../tiered/invalidation-message.js'
import type { InvalidationListener } from '../tiered/tiered-store.js'
import { DeadlineQueue } from './deadline-queue.js'

export interface RedisStoreOptions {
  readonly client: Redis | Cluster
  /** Stands before every key. */
  readonly keyPrefix: string
  /** How long any operation may take. */
  readonly deadlineMs: number
  /** Whether `close` ends the client. */
  readonly ownsClient: boolean
  /** Hears of what goes wrong where nobody waits for it. */
  readonly onTrouble?: ((error: unknown) => void) | undefined
}

export interface RedisConnectionOptions extends RedisStoreOptions {
  /** Runs on each new connection before anything else is asked on it. */
  readonly handshake?: () => Promise<unknown>
  /** Runs now and then, while the client is connected. */
  readonly tidy: () => Promise<unknown>
}

/** Several times the interval at which processes check in. */
const VANISHED_MS = 4_000
const OVERDUE_MS = 2_500
const MEMBERS_MS = 24 * 3_600_000
/** Beyond it, leases end by themselves. */
const MAX_UNDOS = 1_000
/** A timer of Node fires up to a millisecond late, and who waits for it has a turn of its own. */
const TIMER_LAG_MS = 2
const READY_WITHIN_MS = 2_000
const QUIT_WITHIN_MS = 500
const TIDY_EVERY_MS = 5_000
/** How often those who wait for a lease look again where no word can come. */
const POLL_MS = 50

/** Behind the token in a message about a lease: others have to load for themselves. Nothing: look again. */
export const UNSHAREABLE = '!'

/**
 * One client of Redis and how it is asked: never while it is not connected, whatever its own queueing is set to,
 * and never for longer than the deadline. Also hears of the ends of leases, on the same connection.
 */
export class RedisConnection<Commands> {
  readonly channel: string
  /** The channel of what is evicted. */
  readonly evictions: string
  /** Of this process, among those that share the cache. */
  readonly id = newToken()
  readonly #client: Redis | Cluster
  readonly #options: RedisConnectionOptions
  readonly #onTrouble: (error: unknown) => void
  readonly #waiters = new LeaseWaiters()
  readonly #tidying: NodeJS.Timeout
  readonly #deadlines: DeadlineQueue
  #greeting: Promise<unknown> | null = null
  #isGreeted = false
  #isTurnOpen = false
  #lasts: (() => void)[] = []
  #undos: Question<Commands, unknown>[] = []
  #isListening = false
  /** How many were lost. */
  #connections = 0
  #listener: InvalidationListener | null = null
  #answered = true

  /** @throws CacheError `E_CACHE_OPTION` for a client that has a key prefix of its own. */
  constructor(
    scripts: Readonly<Record<string, { lua: string; numberOfKeys?: number }>>,
    options: RedisConnectionOptions,
  ) {
    const { client, ownsClient, onTrouble = () => {} } = options
    refuseKeyPrefix(client)
    for (const [name, script] of Object.entries(scripts)) client.defineCommand(name, script)
    this.#client = client
    this.#options = options
    this.#onTrouble = onTrouble
    this.#deadlines = new DeadlineQueue(options.deadlineMs - TIMER_LAG_MS)
    this.channel = `${options.keyPrefix}#leases`
    this.evictions = `${options.keyPrefix}#evictions`
    // One from `connectRedis` reports its own errors.
    if (!ownsClient) client.on('error', onTrouble)
    client.on('close', this.#onClose)
    client.on('message', this.#onMessage)
    this.#tidying = setInterval(() => this.#tidy(), TIDY_EVERY_MS)
    this.#tidying.unref()
    // A lazy client connects with its first command, and we send none before it is connected.
    if (client.status === 'wait') client.connect().catch(onTrouble)
  }

  isAvailable(): boolean {
    return this.#answered && this.#client.status === 'ready'
  }

  /** Before anything is asked. */
  onInvalidation(listener: InvalidationListener): void {
    this.#listener = listener
  }

  async ready(): Promise<void> {
    if (!CONNECTING.has(this.#client.status)) return
    let settle = () => {}
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    for (const event of SETTLING_EVENTS) this.#client.once(event, settle)
    await withinDeadline(settled, READY_WITHIN_MS)
    for (const event of SETTLING_EVENTS) this.#client.off(event, settle)
  }

  /**
   * Asks Redis. An answer after the deadline is not used, nor is one that came by another connection than the
   * question went by: whoever sent it again did not greet first.
   *
   * @param undo - Takes back what the question may have done, where that is not known in time: as soon as Redis
   *   answers again.
   * @throws CacheError `E_CACHE_STORE_UNAVAILABLE`, or `E_CACHE_STORE_REFUSED` if Redis answers with an error.
   */
  async ask<T>(question: Question<Commands, T>, undo?: Question<Commands, unknown>): Promise<T> {
    const { status } = this.#client
    if (status !== 'ready') throw unavailable(`Redis is not connected (it is in state '${status}')`)
    const answer = this.#isGreeted ? this.#put(question) : this.#handshake().then(() => this.#put(question))
    const connection = this.#connections
    let inTime: T | typeof LATE
    try {
      inTime = await this.#deadlines.within(answer)
    } catch (cause) {
      this.#answered = false
      if (isReply(cause)) throw refused(cause)
      this.#undoLater(undo)
      throw unavailable('Redis lost a command', cause)
    }
    if (inTime === LATE) return this.#finishUnshareable(answer, undo)
    if (connection !== this.#connections) {
      this.#answered = false
      this.#undoLater(undo)
      throw unavailable('Redis lost a command', new Error('The connection was lost meanwhile'))
    }
    this.#heard()
    return inTime
  }

  waitForLease(lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#waiters.wait(lease, this.#isListening ? timeoutMs : Math.min(timeoutMs, POLL_MS))
  }

  async close(): Promise<void> {
    clearInterval(this.#tidying)
    this.#client.off('close', this.#onClose)
    this.#client.off('message', this.#onMessage)
    this.#waiters.notifyAll()
    if (!this.#options.ownsClient) {
      this.#client.off('error', this.#onTrouble)
      const unsubscribing = this.#isListening
        ? this.#client.unsubscribe(...this.#channels())
        : Promise.resolve()
      await withinDeadline(
        unsubscribing.catch(() => LATE),
        QUIT_WITHIN_MS,
      )
      return
    }
    const quitting = this.#client.quit().catch(() => LATE)
    if ((await withinDeadline(quitting, QUIT_WITHIN_MS)) === LATE) this.#client.disconnect()
  }

  /** Runs at the end of this turn of the event loop. What it asks leaves with all else that the turn has asked. */
  lastly(ask: () => void): void {
    this.#lasts.push(ask)
    this.#openTurn()
  }

  #put<T>(question: Question<Commands, T>): Promise<T> {
    this.#openTurn()
    return question(this.#client as unknown as Commands)
  }

  /** What is asked in one turn leaves in one packet: most of what a command costs is its packet. */
  #openTurn(): void {
    if (this.#isTurnOpen) return
    this.#isTurnOpen = true
    const { stream } = this.#client as { readonly stream?: Duplex }
    stream?.cork()
    setImmediate(() => {
      for (const ask of this.#lasts.splice(0)) ask()
      this.#isTurnOpen = false
      stream?.uncork()
    })
  }

  #finishUnshareable(answer: Promise<unknown>, undo: Question<Commands, unknown> | undefined): never {
    this.#answered = false
    answer.then(
      () => {
        this.#undoLater(undo)
        this.#heard()
      },
      () => this.#undoLater(undo),
    )
    throw unavailable(`Redis did not answer within ${this.#options.deadlineMs} ms`)
  }

  #undoLater(undo: Question<Commands, unknown> | undefined): void {
    if (undo && this.#undos.length < MAX_UNDOS) this.#undos.push(undo)
  }

  #heard(): void {
    this.#answered = true
    if (this.#undos.length === 0) return
    for (const undo of this.#undos.splice(0)) this.ask(undo, undo).catch(() => {})
  }

  /** Once for each connection. */
  #handshake(): Promise<unknown> {
    if (this.#greeting) return this.#greeting
    this.#listen()
    const greeting = Promise.resolve(this.#options.handshake?.())
    this.#greeting = greeting
    greeting.then(
      () => {
        if (this.#greeting === greeting) this.#isGreeted = true
      },
      () => {
        if (this.#greeting === greeting) this.#greeting = null
      },
    )
    return greeting
  }

  /** A cluster client has a connection of its own for it; a single one can listen on its only one since RESP3. */
  #listen(): void {
    const client = this.#client as (Redis | Cluster) & { readonly condition?: { readonly protocol?: number } }
    if (this.#isListening || !(client.isCluster || client.condition?.protocol === 3)) return
    this.#isListening = true
    const connection = this.#connections
    client.subscribe(...this.#channels()).then(
      () => {
        if (connection === this.#connections) this.#listener?.begin()
      },
      (error: unknown) => {
        this.#isListening = false
        this.#onTrouble(error)
      },
    )
  }

  #channels(): string[] {
    return this.#listener ? [this.channel, this.evictions] : [this.channel]
  }

  readonly #onClose = (): void => {
    this.#greeting = null
    this.#isGreeted = false
    this.#isListening = false
    this.#connections += 1
    this.#listener?.end()
  }

  readonly #onMessage = (channel: string, message: string): void => {
    if (channel === this.evictions) this.#listener?.evicted(selectorsInMessage(message))
    if (channel !== this.channel) return
    const isUnshareable = message.endsWith(UNSHAREABLE)
    const lease = isUnshareable ? message.slice(0, -UNSHAREABLE.length) : message
    this.#waiters.notify(lease, isUnshareable ? 'unshareable' : 'ended')
  }

  #tidy(): void {
    if (this.#client.status === 'ready') this.#options.tidy().catch(this.#onTrouble)
  }
}

const CONNECTING: ReadonlySet<string> = new Set(['wait', 'connecting', 'connect'])
const SETTLING_EVENTS = ['ready', 'error', 'close', 'end'] as const

function refuseKeyPrefix({ options }: Redis | Cluster): void {
  const { keyPrefix, redisOptions } = options as { keyPrefix?: string; redisOptions?: { keyPrefix?: string } }
  if (!keyPrefix && !redisOptions?.keyPrefix) return
  throw new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ redis })',
    problem: 'the ioredis client has a keyPrefix of its own, which the keys in our scripts would lack',
    mend: 'Take it out of the client and write createCache({ redis, keyPrefix }) instead.',
  })
}

/** An error that Redis has sent, by its name in ioredis. */
function isReply(cause: unknown): cause is Error {
  return cause instanceof Error && cause.name === 'ReplyError'
}

export function refused(cause: Error): CacheError {
  return new CacheError('E_CACHE_STORE_REFUSED', {
    problem: `Redis refused a command: ${cause.message}`,
    mend: 'Requests are answered without the cache meanwhile; the guide on trouble with Redis says what each refusal means.',
    cause,
  })
}

function unavailable(problem: string, cause?: unknown): CacheError {
  return new CacheError('E_CACHE_STORE_UNAVAILABLE', {
    problem,
    mend: 'Requests are answered without the cache meanwhile; check that Redis runs and can be reached.',
    cause,
  })
}

type Question<Commands, T> = (redis: Commands) => Promise<T>

/** What the commands of scripts take: the names of the keys first. */
export type CommandArguments = readonly (string | number | Buffer)[]

/** Those of a check-in: after how long one counts as vanished, how long all is kept, whether it was in touch. */
export function lifetimeArguments(wasInTouch: boolean): CommandArguments {
  // One who was not in touch need not give others the time to stumble.
  return [wasInTouch ? VANISHED_MS : OVERDUE_MS, MEMBERS_MS, wasInTouch ? 1 : 0]
}

const PROCESS = randomBytes(12).toString('base64url')
let tokens = 0

/** Unlike any other, of this process or another. */
export function newToken(): string {
  tokens += 1
  return `${PROCESS}.${tokens.toString(36)}`
}

/** Redis takes whole milliseconds, and at least one. */
export function wholeMs(ms: number): number {
  return Math.max(1, Math.floor(ms))
}
