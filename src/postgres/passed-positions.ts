import type { Position } from '../dependencies/followed-database.js'
import { type Deferred, deferred } from '../tools/deferred.js'
import { sleep } from '../tools/real-time.js'
import { withinDeadline } from '../tools/within-deadline.js'

export interface PassedPositionsOptions {
  readonly isWithin: (position: Position, reached: Position) => boolean
  /** Up to where this process has got; `null` where it does not follow. */
  readonly own: () => Position | null
  /** Up to where whoever follows has got, asked of the database; `null`: nobody knows. */
  readonly ask: () => Promise<Position | null>
}

interface Waiter {
  readonly position: Position
  readonly passed: Deferred<true>
}

const FIRST_LOOK_MS = 1
const LAST_LOOK_MS = 20

/** Who waits until a position has been passed: told by the process itself where it follows, else it asks for all at once. */
export class PassedPositions {
  readonly #options: PassedPositionsOptions
  readonly #waiters = new Set<Waiter>()
  #isLooking = false
  #lookAfterMs = FIRST_LOOK_MS

  constructor(options: PassedPositionsOptions) {
    this.#options = options
  }

  /** @returns Whether it has been passed within the time. */
  async wait(position: Position, withinMs: number): Promise<boolean> {
    const own = this.#options.own()
    if (own !== null && this.#options.isWithin(position, own)) return true
    const waiter: Waiter = { position, passed: deferred() }
    this.#waiters.add(waiter)
    this.#lookAfterMs = FIRST_LOOK_MS
    if (!this.#isLooking) void this.#look()
    try {
      return (await withinDeadline(waiter.passed.promise, withinMs)) === true
    } finally {
      this.#waiters.delete(waiter)
    }
  }

  reach(reached: Position): void {
    for (const { position, passed } of this.#waiters) {
      if (this.#options.isWithin(position, reached)) passed.resolve(true)
    }
  }

  /** One question at a time, for all who wait. Where this process follows it needs none, and may cease to. */
  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#waiters.size > 0) {
      const own = this.#options.own()
      const reached = own ?? (await this.#options.ask().catch(() => null))
      if (reached !== null) this.reach(reached)
      await sleep(this.#lookAfterMs)
      this.#lookAfterMs = Math.min(2 * this.#lookAfterMs, LAST_LOOK_MS)
    }
    this.#isLooking = false
  }
}
