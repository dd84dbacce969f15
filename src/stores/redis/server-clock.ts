import { realTime } from '../../tools/real-time.js'

/** More than any heartbeat is late: the clock of the server was set back. */
const SET_BACK_MS = 1_000

/**
 * What the clock of the server shows at least, told from heartbeats: what they said, and the time since. Nobody's wall
 * clock here is asked.
 */
export class ServerClock {
  readonly #now: () => number
  /** How far the server's clock is ahead of this process's, at least. */
  #ahead: number | null = null

  /** @param now - Monotonic milliseconds. */
  constructor(now: () => number = () => realTime.now()) {
    this.#now = now
  }

  /** Takes note of what the clock showed, just now or a little earlier. */
  note(serverNow: number): void {
    const ahead = serverNow - this.#now()
    const wasSetBack = this.#ahead !== null && ahead < this.#ahead - SET_BACK_MS
    this.#ahead = this.#ahead === null || wasSetBack ? ahead : Math.max(this.#ahead, ahead)
  }

  /** The server's time so far from now; `null` before its clock is known. */
  in(ms: number): number | null {
    return this.#ahead === null ? null : Math.ceil(this.#now() + this.#ahead + ms)
  }
}
