import type { Selector, Store } from '../stores/store.js'
import { Availability, type CircuitState, SILENCES } from './availability.js'
import type { CacheEvent } from './cache-event.js'
import { Membership } from './membership.js'
import { PendingEvictions } from './pending-evictions.js'

/** Executes a command on the store. `null`: the store has not answered it, or it was not sent. Never rejects. */
export type Execute = <T>(command: () => Promise<T>) => Promise<T | null>

const HEARTBEAT_EVERY_MS = 1_000
const PROBE_EVERY_MS = 500

/**
 * The way to the store: while it answers, behind the evictions that are pending, and as a member of those who share it.
 *
 * Three states, each a class of its own, decide that together: `Availability`, `PendingEvictions`, `Membership`. Here
 * they meet, and here are the two timers that move them where no request comes: the heartbeat while
 * commands are sent, the probe while they are not.
 */
export class StoreAccess {
  readonly #store: Store
  readonly #pending: PendingEvictions
  readonly #membership: Membership
  readonly #availability: Availability
  readonly #onHeartbeat: () => void
  readonly #heartbeatTimer: NodeJS.Timeout
  #probeTimer: NodeJS.Timeout | undefined

  /** @param onHeartbeat - Runs after each heartbeat that the store has acknowledged. */
  constructor(store: Store, emit: (event: CacheEvent) => void, onHeartbeat: () => void) {
    this.#store = store
    this.#onHeartbeat = onHeartbeat
    this.#pending = new PendingEvictions(store, emit)
    this.#membership = new Membership(store, this.#pending)
    this.#availability = new Availability({ emit, onSuspended: () => this.#suspend() })
    this.#heartbeatTimer = setInterval(() => void this.#heartbeat(), HEARTBEAT_EVERY_MS)
    this.#heartbeatTimer.unref()
  }

  get circuit(): CircuitState {
    return this.#availability.circuit
  }

  get pending(): PendingEvictions {
    return this.#pending
  }

  /**
   * Whether this process may serve values that it holds itself: not while an eviction is pending, nor before the others know of this
   * process, nor out of touch with them. Each request reads this, so it is two fields and nothing else.
   */
  get mayServe(): boolean {
    return this.#membership.isMember && this.#pending.isEmpty
  }

  /** Executes a command behind whatever has to come before it. */
  async execute<T>(command: () => Promise<T>): Promise<T | null> {
    if (!this.#availability.takesCommands) return null
    try {
      const answer = await (this.mayServe ? command() : this.#prepare().then(command))
      this.#availability.answered()
      return answer
    } catch (error) {
      this.#availability.failed(error)
      return null
    }
  }

  /** Evicts ahead of what is pending. What the store does not acknowledge is pending from then on: `null`. */
  async evict(selectors: readonly Selector[]): Promise<number | null> {
    if (!this.#availability.takesCommands) {
      this.#pending.add(selectors)
      return null
    }
    try {
      const removed = await this.#store.evict(selectors)
      this.#availability.answered()
      return removed
    } catch (error) {
      this.#pending.add(selectors)
      this.#availability.failed(error)
      return null
    }
  }

  /** Takes note of trouble that no command has met yet, such as a connection that cannot be opened. */
  reportTrouble(error: unknown): void {
    this.#availability.troubled(error)
  }

  /** Delivers what is pending and says goodbye; if that fails, the others find that this process is missing. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeatTimer)
    clearTimeout(this.#probeTimer)
    const sayGoodbye = this.#membership.leave()
    if (sayGoodbye) await this.execute(sayGoodbye)
    this.#pending.close()
  }

  /** The evictions go first in any case: whoever waits for an attempt to join may have added some since it began. */
  async #prepare(): Promise<void> {
    await this.#pending.deliver()
    await this.#membership.enter()
  }

  /** Sent again at once where there is no answer, so that a process without requests notices an outage too. */
  async #heartbeat(): Promise<void> {
    for (let tries = 0; tries < SILENCES && this.#availability.takesCommands; tries += 1) {
      if (await this.execute(() => this.#store.heartbeat(true))) {
        this.#onHeartbeat()
        return
      }
    }
  }

  #suspend(): void {
    this.#membership.loseTouch()
    this.#probeLater()
  }

  #probeLater(): void {
    if (this.#membership.state.name === 'left') return
    this.#probeTimer = setTimeout(() => void this.#probe(), PROBE_EVERY_MS)
    this.#probeTimer.unref()
  }

  async #probe(): Promise<void> {
    if (!this.#availability.probe()) return
    try {
      await this.#membership.enter()
    } catch {
      this.#availability.notReady()
      this.#probeLater()
      return
    }
    this.#availability.ready()
  }
}
