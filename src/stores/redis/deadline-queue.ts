import { realTime } from '../../tools/real-time.js'
import { LATE } from '../../tools/within-deadline.js'

interface Wait {
  readonly dueAt: number
  /** `null` once the answer is there. */
  late: (() => void) | null
}

/** How many ended waits may lie at the front before they are removed. */
const MOST_ENDED = 1_000

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
          wait.late = null
          resolve(value)
        },
        (error: unknown) => {
          wait.late = null
          reject(error)
        },
      )
    })
  }

  /** It keeps no process alive. */
  #setTimer(ms: number): void {
    this.#timer = realTime.setTimeout(() => this.#endLate(), ms)
    this.#timer.unref()
  }

  #endLate(): void {
    const now = realTime.now()
    let next = this.#waits[this.#ended]
    while (next && (next.late === null || next.dueAt <= now)) {
      // Timers run before sockets are read: after a busy moment in this process, an answer that has already arrived
      // must not be called late. An immediate runs after the sockets.
      if (next.late) realTime.setImmediate(next.late)
      this.#ended += 1
      next = this.#waits[this.#ended]
    }
    if (next === undefined || this.#ended > MOST_ENDED) {
      this.#waits = this.#waits.slice(this.#ended)
      this.#ended = 0
    }
    if (next === undefined) this.#timer = null
    else this.#setTimer(Math.ceil(next.dueAt - now))
  }
}
