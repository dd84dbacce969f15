import { ExponentialBackoff, handleAll, retry } from 'cockatiel'
import type { BusEvent, BusHandler } from '../events/bus.js'
import type { Logger } from '../logger.js'
import { reasonOf } from '../tools/reason-of.js'
import { withinDeadline } from '../tools/within-deadline.js'

/** For how long the end of a subscription waits for its handler. */
const LEAVE_DEADLINE_MS = 5_000
const GAP_BACKOFF = new ExponentialBackoff({ initialDelay: 100, maxDelay: 5_000 })

/** One handler, and what it is at. */
export class Subscriber {
  readonly #handler: BusHandler
  readonly #onGap: (() => Promise<void>) | undefined
  readonly #logger: Logger
  readonly #running = new Set<Promise<void>>()
  /** Ends each wait for a running handler. Not one promise for all: it would keep every wait in memory until it ends. */
  readonly #stopWaiting = new Set<() => void>()
  readonly #ending = new AbortController()
  #caughtUp: Promise<void> = Promise.resolve()

  constructor(handler: BusHandler, onGap: (() => Promise<void>) | undefined, logger: Logger) {
    this.#handler = handler
    this.#onGap = onGap
    this.#logger = logger
  }

  /** Resolves once the handler has handled the event, or `leave` has given up on it. @throws what the handler throws. */
  handle(event: BusEvent): Promise<'handled' | 'gone'> {
    const running = this.#caughtUp.then(() => this.#handler(event))
    this.#running.add(running)
    return new Promise((resolve, reject) => {
      const stopWaiting = () => resolve('gone')
      this.#stopWaiting.add(stopWaiting)
      running
        .then(() => resolve('handled'), reject)
        .finally(() => {
          this.#running.delete(running)
          this.#stopWaiting.delete(stopWaiting)
        })
    })
  }

  /** Events may have been missed: the handler hears the next one after that has been made up for. */
  makeUpForGap(): void {
    const onGap = this.#onGap
    if (!onGap) return
    const untilItWorks = retry(handleAll, { maxAttempts: Number.MAX_SAFE_INTEGER, backoff: GAP_BACKOFF })
    untilItWorks.onFailure(({ reason }) => {
      const error = 'error' in reason ? reason.error : reason.value
      this.#logger.warn(`What may have been missed could not be made up for yet: ${reasonOf(error)}`)
    })
    this.#caughtUp = this.#caughtUp.then(() => untilItWorks.execute(onGap, this.#ending.signal))
    // It fails only when the subscription has ended, which is when no event is handed to the handler any more.
    this.#caughtUp.catch(() => {})
  }

  /** Waits for the running handler, but not for ever: an event that it has not ended counts as not handled. */
  async leave(): Promise<void> {
    await withinDeadline(Promise.allSettled(this.#running), LEAVE_DEADLINE_MS)
    for (const stopWaiting of this.#stopWaiting) stopWaiting()
    this.#ending.abort()
  }
}
