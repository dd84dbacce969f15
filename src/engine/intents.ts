import { randomUUID } from 'node:crypto'
import type { Selector, Store } from '../stores/store.js'
import { realTime } from '../tools/real-time.js'
import type { CacheEvent } from './cache-event.js'
import { selectorText } from './selector-text.js'
import type { Execute } from './store-access.js'

/** What a write will evict, told to the store before the write begins. */
export interface Intent {
  readonly token: string
}

/** Beyond it, intents become void by themselves. */
const MAX_UNSETTLED = 1_000

export interface IntentsOptions {
  readonly store: Pick<Store, 'intend' | 'evict'>
  readonly execute: Execute
  /** How long an intent stands that nobody settles. */
  readonly lifetimeMs: number
  readonly emit: (event: CacheEvent) => void
}

/**
 * The intents of this process's writes. One that the store may still have, although its write is over, is settled again
 * until the store has acknowledged that: nothing is stored under it meanwhile.
 */
export class Intents {
  readonly #options: IntentsOptions
  /** Until when each stands at the longest, in monotonic milliseconds. */
  readonly #unsettled = new Map<Intent, number>()

  constructor(options: IntentsOptions) {
    this.#options = options
  }

  /**
   * Removes what a write will evict, and keeps it out until the write is settled.
   *
   * @returns The intent; `null` where the store needs none: it ends with this process. Where the store did not acknowledge
   *   it, it may stand all the same, so it is settled as any other.
   */
  async begin(selectors: readonly Selector[]): Promise<Intent | null> {
    const { store, execute, lifetimeMs, emit } = this.#options
    if (!store.intend || selectors.length === 0) return null
    const intent: Intent = { token: randomUUID() }
    const startedAt = realTime.now()
    const removed = await execute(async () => store.intend?.(intent.token, selectors, lifetimeMs) ?? 0)
    const targets = selectors.map(selectorText)
    if (removed === null) emit({ type: 'intent-missed', targets })
    else emit({ type: 'intent', targets, removed, ms: realTime.now() - startedAt })
    return intent
  }

  /** Ends an intent whose write evicts nothing more. Never rejects. */
  async settle(intent: Intent): Promise<void> {
    const { store, execute } = this.#options
    const settled = await execute(() => store.evict([], intent.token))
    if (settled === null) this.keep(intent)
  }

  /** Takes note of an intent that the store may still have. */
  keep(intent: Intent): void {
    const now = realTime.now()
    for (const [earlier, until] of this.#unsettled) if (until <= now) this.#unsettled.delete(earlier)
    if (this.#unsettled.size < MAX_UNSETTLED) {
      this.#unsettled.set(intent, now + this.#options.lifetimeMs)
    }
  }

  /** Settles what could not be settled; what fails again stays for the next time. */
  async settleKept(): Promise<void> {
    const kept = [...this.#unsettled.keys()]
    this.#unsettled.clear()
    await Promise.all(kept.map((intent) => this.settle(intent)))
  }
}
