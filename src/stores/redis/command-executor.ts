import { isErrorReply } from '../../clients/error-reply.js'
import { LATE } from '../../tools/within-deadline.js'
import { StoreRefusal } from '../store-refusal.js'
import type { CommandTurn } from './command-turn.js'
import type { ConnectionState } from './connection-state.js'
import { DeadlineQueue } from './deadline-queue.js'
import type { ScriptClient } from './define-script.js'
import { isReadOnly, unavailable } from './redis-errors.js'

/** One or more commands of Redis, and what is made of their replies. */
export type Command<T> = (client: ScriptClient) => Promise<T>

export interface CommandExecutorOptions {
  readonly client: ScriptClient
  readonly connection: ConnectionState
  readonly turn: CommandTurn
  readonly deadlineMs: number
  /** Runs when an answer is late, before the caller hears of it. */
  readonly onSilence: () => void
  /** Makes an error of a reply of Redis that is one. */
  readonly refusalOf: (cause: Error) => Promise<Error>
}

/** Beyond it, leases end by themselves. */
const MAX_UNDOS = 1_000
/** A timer of Node fires up to a millisecond late, and who waits for it has a turn of its own. */
const TIMER_LAG_MS = 2

/**
 * Executes commands: none while the client is not connected, whatever its own queueing is set to, and none for longer
 * than the deadline. Takes back what a command may have done whose outcome it does not know.
 */
export class CommandExecutor {
  readonly #options: CommandExecutorOptions
  readonly #deadlines: DeadlineQueue
  #hasAnswered = true
  #undos: Command<unknown>[] = []

  constructor(options: CommandExecutorOptions) {
    this.#options = options
    this.#deadlines = new DeadlineQueue(options.deadlineMs - TIMER_LAG_MS)
  }

  /** Whether Redis answered the last command in time, and without an error. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  /**
   * Executes a command. A reply after the deadline does not count, nor does one that came by another connection than
   * the command left by: the client sent that one again, before the handshake.
   *
   * @param undo - Takes back what the command may have done, where that is not known in time: as soon as Redis answers
   *   again.
   * @throws CacheError `E_CACHE_STORE_UNAVAILABLE`, or `E_CACHE_STORE_REFUSED` if Redis replies with an error.
   */
  async execute<T>(command: Command<T>, undo?: Command<unknown>): Promise<T> {
    const { client, connection } = this.#options
    if (!client.isReady) {
      // One that was never connected waits for somebody to do so.
      client.connect()
      throw unavailable(`Redis is not connected (it is in state '${client.status}')`)
    }
    const reply = connection.isReady ? this.#send(command) : this.#sendAfterHandshake(command)
    const number = connection.number
    let inTime: T | typeof LATE
    try {
      inTime = await this.#deadlines.within(reply)
    } catch (cause) {
      // What a reply said to the command itself.
      if (cause instanceof StoreRefusal) throw cause
      this.#hasAnswered = false
      if (isErrorReply(cause)) {
        // A master that has become a replica: on the same connection, but not the same server any more.
        if (isReadOnly(cause)) connection.expectHandshake()
        throw await this.#options.refusalOf(cause)
      }
      this.#keepUndo(undo)
      throw unavailable('Redis lost a command', cause)
    }
    if (inTime === LATE) {
      this.#options.onSilence()
      this.#expectLate(reply, undo)
      throw unavailable(`Redis did not answer within ${this.#options.deadlineMs} ms`)
    }
    if (number !== connection.number) {
      this.#hasAnswered = false
      this.#keepUndo(undo)
      throw unavailable('Redis lost a command', new Error('The connection was lost meanwhile'))
    }
    this.#noteAnswer()
    return inTime
  }

  #send<T>(command: Command<T>): Promise<T> {
    this.#options.turn.open()
    return command(this.#options.client)
  }

  async #sendAfterHandshake<T>(command: Command<T>): Promise<T> {
    await this.#options.connection.handshake()
    return this.#send(command)
  }

  /** Undoes a command that was late as soon as it is known to be over. */
  #expectLate(reply: Promise<unknown>, undo: Command<unknown> | undefined): void {
    this.#hasAnswered = false
    reply.then(
      () => {
        this.#keepUndo(undo)
        this.#noteAnswer()
      },
      () => this.#keepUndo(undo),
    )
  }

  #keepUndo(undo: Command<unknown> | undefined): void {
    if (undo && this.#undos.length < MAX_UNDOS) this.#undos.push(undo)
  }

  #noteAnswer(): void {
    this.#hasAnswered = true
    if (this.#undos.length === 0) return
    for (const undo of this.#undos.splice(0)) this.execute(undo, undo).catch(() => {})
  }
}
