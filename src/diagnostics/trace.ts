import type { TracingChannel } from 'node:diagnostics_channel'
import { types } from 'node:util'
import type { TracedMessage } from './traced-message.js'

/** Tells a tracing channel of one operation. Made only where somebody listens. */
export class Trace<Message extends TracedMessage> {
  readonly message: Message
  readonly #channel: TracingChannel<unknown, Message>
  /** What has been told within the operation, whose `end` comes first. */
  #held: (() => void)[] | null = null
  #isEnded = false

  constructor(channel: TracingChannel<unknown, Message>, message: Message) {
    this.#channel = channel
    this.message = message
  }

  /** Runs the operation, in the contexts that subscribers have put around it. */
  run<Result>(operation: () => Result): Result {
    const { start, end } = this.#channel
    return start.runStores(this.message, () => {
      this.#held = []
      try {
        const result = this.message.within(operation)
        // Of others that can be awaited, such as the queries of Knex, each `then` is a run.
        if (types.isPromise(result)) result.then(undefined, (error) => this.#fail(error))
        return result
      } catch (error) {
        this.#fail(error)
        throw error
      } finally {
        end.publish(this.message)
        for (const tell of this.#held ?? []) tell()
        this.#held = null
      }
    })
  }

  /** What the operation gives is known. */
  settled(): void {
    this.#tell(() => this.#channel.asyncStart.publish(this.message))
  }

  /** Nothing of it is under way any more. */
  ended(): void {
    this.#isEnded = true
    this.#tell(() => this.#channel.asyncEnd.publish(this.message))
  }

  #tell(publish: () => void): void {
    if (this.#held) this.#held.push(publish)
    else publish()
  }

  /** What a handler throws after it has answered is no failure of the load. */
  #fail(error: unknown): void {
    if (this.#isEnded) return
    this.message.error = error
    this.#channel.error.publish(this.message)
  }
}
