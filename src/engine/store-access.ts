import type { Selector, Store } from '../stores/store.js'
import { StoreRefusal } from '../stores/store-refusal.js'
import { realTime, sleep } from '../tools/real-time.js'
import { Availability, type CircuitState, SILENCES } from './availability.js'
import type { CacheEvent } from './cache-event.js'
import { Membership } from './membership.js'
import { PendingEvictions } from './pending-evictions.js'

/** Executes a command on the store. `null`: the store has not answered it, or it was not sent. Never rejects. */
export type Execute = <T>(command: () => Promise<T>) => Promise<T | null>

const HEARTBEAT_EVERY_MS = 1_000
const PROBE_EVERY_MS = 500
/** One who calls the roll looks for the answers after the first time, less and less often, and when it hears of a call. */
const FIRST_LOOK_MS = 10
const LAST_LOOK_MS = 250
/** One who has vanished is no longer waited for after 1.5 seconds, those whom the store may have forgotten after two. */
const JOIN_WITHIN_MS = 2_500

/**
 * The way to the store: while it answers, behind the evictions that are pending, and as a member of those who share it.
 *
 * Three states, each a class of its own, decide that together: `Availability`, `PendingEvictions`, `Membership`. Here
 * they meet, and here are the timers that move them where no request comes: the heartbeat while commands are sent, the
 * probe while they are not, and the look for the answers of others while this process calls the roll.
 */
export class StoreAccess {
  readonly #store: Store
  readonly #pending: PendingEvictions
  readonly #membership: Membership
  readonly #availability: Availability
  readonly #onHeartbeat: (isWatched: boolean) => void
  readonly #heartbeatTimer: NodeJS.Timeout
  #probeTimer: NodeJS.Timeout | undefined
  #lookTimer: NodeJS.Timeout | null = null
  #lookAfterMs = FIRST_LOOK_MS
  #heartbeatUnderWay: Promise<boolean> | null = null

  /**
   * @param onHeartbeat - Runs after each heartbeat that the store has acknowledged, and is told whether somebody looks at
   *   the processes.
   */
  constructor(store: Store, emit: (event: CacheEvent) => void, onHeartbeat: (isWatched: boolean) => void) {
    this.#store = store
    this.#onHeartbeat = onHeartbeat
    this.#pending = new PendingEvictions(store, emit)
    this.#membership = new Membership(store, this.#pending)
    this.#availability = new Availability({ emit, onSuspended: () => this.#suspend() })
    store.observe({
      touchLost: () => this.#membership.loseTouch(),
      foreignFound: (key, found) => emit({ type: 'foreign', key, found }),
      rollCalled: (number) => {
        this.#membership.hear(number)
        if (this.#lookTimer) this.#lookNow()
        else void this.#heartbeat()
      },
    })
    this.#heartbeatTimer = realTime.setInterval(() => void this.#heartbeat(), HEARTBEAT_EVERY_MS)
    this.#heartbeatTimer.unref()
  }

  get circuit(): CircuitState {
    return this.#availability.circuit
  }

  get pending(): PendingEvictions {
    return this.#pending
  }

  /**
   * Whether this process may serve values that it holds itself: not while an eviction is pending, nor before the others
   * know of this process, nor out of touch with them. Each request reads this, so it is two fields and nothing else.
   */
  get mayServe(): boolean {
    return this.#membership.isMember && this.#pending.isEmpty
  }

  /**
   * Whether a value may be served that the store has just given: touch may have been lost, or an eviction have been
   * kept, since it was asked.
   */
  get mayBelieve(): boolean {
    return this.#membership.isTrusting && this.#pending.isEmpty
  }

  /**
   * Makes this process a member of those who share the store.
   *
   * @returns Resolves once it is one, or the store does not answer, or others have had the time that they have for that.
   */
  async join(): Promise<void> {
    const endsAt = realTime.now() + JOIN_WITHIN_MS
    while (this.#availability.state === 'up' && realTime.now() < endsAt) {
      if (await this.execute(async () => true)) return
      await sleep(FIRST_LOOK_MS)
    }
  }

  /** Executes a command behind whatever has to come before it. */
  async execute<T>(command: () => Promise<T>): Promise<T | null> {
    if (!this.#takesCommands) return null
    try {
      if (!this.mayServe && !(await this.#prepare())) return null
      const answer = await command()
      this.#availability.answered()
      return answer
    } catch (error) {
      this.#fail(error)
      return null
    }
  }

  /**
   * Evicts ahead of what is pending. What the store does not acknowledge is pending from then on: `null`. It is sent all
   * the same, also where no other command is: so that it lies ahead of what others ask later.
   *
   * @param settled - The token of an intent that ends with it; if it is kept, it does not.
   */
  async evict(selectors: readonly Selector[], settled?: string): Promise<number | null> {
    try {
      if (this.#availability.takesCommands) {
        const removed = await this.#store.evict(selectors, settled)
        this.#availability.answered()
        return removed
      }
      this.#pending.add(selectors)
    } catch (error) {
      this.#pending.add(selectors)
      this.#fail(error)
      if (error instanceof StoreRefusal) {
        // Others may ask for nothing while it refuses, and so notice nothing.
        if (error.scope === 'all') await this.#store.alarm()
        return null
      }
    }
    await this.#store.post(selectors)
    return null
  }

  /** Takes note of trouble that no command has met yet, such as a connection that cannot be opened. */
  reportTrouble(error: unknown): void {
    this.#availability.troubled(error)
  }

  /** Delivers what is pending and says goodbye; if that fails, the others find that this process is missing. */
  async close(): Promise<void> {
    realTime.clearInterval(this.#heartbeatTimer)
    realTime.clearTimeout(this.#probeTimer)
    if (this.#lookTimer) realTime.clearTimeout(this.#lookTimer)
    const sayGoodbye = this.#membership.leave()
    if (sayGoodbye) await this.execute(sayGoodbye)
    this.#pending.close()
  }

  /** While this process waits for the answers to its roll call, it looks for them by itself. */
  get #takesCommands(): boolean {
    return this.#availability.takesCommands && this.#lookTimer === null
  }

  /**
   * The evictions go first in any case: whoever waits for an attempt to join may have added some since it began.
   *
   * @returns Whether commands may be sent; if not, others have still to answer.
   */
  async #prepare(): Promise<boolean> {
    await this.#pending.deliver()
    const isBack = await this.#membership.enter()
    if (isBack) this.#lookAfterMs = FIRST_LOOK_MS
    else this.#lookLater()
    return isBack
  }

  #fail(error: unknown): void {
    if (saysOutOfTouch(error)) this.#membership.loseTouch()
    this.#availability.failed(error)
  }

  /** One at a time; and another where a roll call has been heard of meanwhile. */
  async #heartbeat(): Promise<void> {
    if (this.#heartbeatUnderWay || this.#membership.state.name === 'left') return
    this.#heartbeatUnderWay = this.#sendHeartbeat()
    const isSent = await this.#heartbeatUnderWay
    this.#heartbeatUnderWay = null
    if (isSent && this.#membership.owesAnswer) void this.#heartbeat()
  }

  /** Sent again at once where there is no answer, so that a process without requests notices an outage too. */
  async #sendHeartbeat(): Promise<boolean> {
    for (let tries = 0; tries < SILENCES && this.#takesCommands; tries += 1) {
      const isMember = this.#membership.isMember
      // Whoever is none becomes one by a heartbeat, ahead of this.
      const confirm = async () => {
        if (isMember) await this.#membership.confirm()
        return true
      }
      if (await this.execute(confirm)) {
        this.#onHeartbeat(this.#membership.isWatched)
        return true
      }
    }
    return false
  }

  #lookLater(): void {
    if (this.#lookTimer || this.#membership.state.name === 'left') return
    // Others wait for what it owes, and may be waited for.
    if (this.#membership.owesAnswer) this.#lookAfterMs = FIRST_LOOK_MS
    this.#lookTimer = realTime.setTimeout(() => this.#lookNow(), this.#lookAfterMs)
    this.#lookTimer.unref()
    this.#lookAfterMs = Math.min(2 * this.#lookAfterMs, LAST_LOOK_MS)
  }

  #lookNow(): void {
    if (this.#lookTimer) realTime.clearTimeout(this.#lookTimer)
    this.#lookTimer = null
    void this.execute(async () => {})
  }

  #suspend(): void {
    this.#membership.loseTouch()
    this.#probeLater()
  }

  #probeLater(): void {
    if (this.#membership.state.name === 'left') return
    this.#probeTimer = realTime.setTimeout(() => void this.#probe(), PROBE_EVERY_MS)
    this.#probeTimer.unref()
  }

  async #probe(): Promise<void> {
    if (!this.#availability.probe()) return
    try {
      await this.#prepare()
    } catch {
      this.#availability.notReady()
      this.#probeLater()
      return
    }
    this.#availability.ready()
  }
}

/** Whether an error says that evictions may not get through: all but a refusal that no eviction would meet. */
function saysOutOfTouch(error: unknown): boolean {
  return !(error instanceof StoreRefusal && error.scope !== 'all')
}
