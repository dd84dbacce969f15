import { realTime } from '../../tools/real-time.js'
import { LATE } from '../../tools/within-deadline.js'

interface Wait {
  readonly dueAt: number
  /** `null` once the answer is there. */
  late: (() => void) | null
}

/** How many ended waits may lie at the front before they are removed. */
const MOST_ENDED = 100

/**
 * `withinDeadline` for many waits that are all equally long: they end in the order in which they began, so one timer
 * serves all, and a wait that is not late costs next to nothing.
 */
export class DeadlineQueue {
  readonly #deadlineMs: number
  /** The oldest first. */
  #waits: Wait[] = []
  #ended = 0
  #timer: NodeJS.Timeout | null = null

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs
  }

  /** What a promise gives, or `LATE` if it takes longer. */
  within<T>(answer: Promise<T>): Promise<T | typeof LATE> {
    return new Promise((resolve, reject) => {
      const wait: Wait = { dueAt: realTime.now() + this.#deadlineMs, late: () => resolve(LATE) }
      this.#waits.push(wait)
      if (this.#timer === null) this.#setTimer(this.#deadlineMs)
      answer.then(
        (value) => {
          this.#end(wait)
          resolve(value)
        },
        (error: unknown) => {
          this.#end(wait)
          reject(error)
        },
      )
    })
  }

  /** What has ended is let go of at once: thousands that wait for their deadline keep the garbage collector busy. */
  #end(wait: Wait): void {
    wait.late = null
    if (wait === this.#waits[this.#ended]) this.#letGo(() => false)
  }

  /** It keeps no process alive. */
  #setTimer(ms: number): void {
    this.#timer = realTime.setTimeout(() => this.#endLate(), ms)
    this.#timer.unref()
  }

  #endLate(): void {
    const now = realTime.now()
    const next = this.#letGo(({ dueAt, late }) => {
      // Timers run before sockets are read: after a busy moment in this process, an answer that has already arrived
      // must not be called late. An immediate runs after the sockets.
      if (late && dueAt <= now) realTime.setImmediate(late)
      return dueAt <= now
    })
    if (next === undefined) this.#timer = null
    else this.#setTimer(Math.ceil(next.dueAt - now))
  }

  /** Lets go of those at the front that have ended. @returns The first that has not. */
  #letGo(isOver: (wait: Wait) => boolean): Wait | undefined {
    let next = this.#waits[this.#ended]
    while (next && (next.late === null || isOver(next))) {
      this.#ended += 1
      next = this.#waits[this.#ended]
    }
    if (next === undefined || this.#ended > MOST_ENDED) {
      this.#waits = this.#waits.slice(this.#ended)
      this.#ended = 0
    }
    return next
  }
}
