import { LeaseWaiters } from '../lease-waiters.js'
import type { KeySelector, LeaseEnd } from '../store.js'
import { selectorsInMessage } from '../tiered/invalidation-message.js'
import type { InvalidationListener } from '../tiered/tiered-store.js'
import type { Channels } from './channels.js'
import type { ConnectionState } from './connection-state.js'
import type { ScriptClient } from './define-script.js'
import { leaseMessage } from './lease-messages.js'

export interface RedisMessagesOptions {
  readonly client: ScriptClient
  readonly channels: Channels
  readonly onTrouble: (error: unknown) => unknown
}

/** On the channel of roll calls: evictions are refused, and nobody knows of them but who wanted them. */
export const ALARM = 'alarm'

/** How often those who wait for a lease look again where no message can come. */
const POLL_MS = 50

/** What other processes publish, received on the connection that the commands go by: ends of leases, and evictions. */
export class RedisMessages {
  readonly #options: RedisMessagesOptions
  readonly #waiters = new LeaseWaiters()
  #listener: InvalidationListener | null = null
  #onCall: ((call: number | typeof ALARM) => void) | null = null
  #isSubscribed = false

  constructor(options: RedisMessagesOptions) {
    this.#options = options
  }

  /** Sets the one listener, before the first command. Without one, evictions are not subscribed to. */
  onInvalidation(listener: InvalidationListener): void {
    this.#listener = listener
  }

  tellEvicted(selectors: readonly KeySelector[]): void {
    this.#listener?.evicted(selectors)
  }

  /** Sets the one listener, before the first command. */
  onCall(listener: (call: number | typeof ALARM) => void): void {
    this.#onCall = listener
  }

  waitForLease(lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#waiters.wait(lease, this.#isSubscribed ? timeoutMs : Math.min(timeoutMs, POLL_MS))
  }

  /** Subscribes on a new connection, where the client can. */
  subscribe(connection: ConnectionState): void {
    if (this.#isSubscribed || !this.#options.client.canSubscribe) return
    this.#isSubscribed = true
    const { number } = connection
    this.#options.client.subscribe(this.#channelNames()).then(
      () => {
        if (number === connection.number) this.#listener?.begin()
      },
      (error: unknown) => {
        this.#isSubscribed = false
        this.#options.onTrouble(error)
      },
    )
  }

  /** The connection is lost, and the subscription with it. */
  lose(): void {
    this.#isSubscribed = false
    this.#listener?.end()
  }

  /** Wakes all who wait. */
  close(): void {
    this.#waiters.notifyAll()
  }

  async unsubscribe(): Promise<void> {
    if (this.#isSubscribed) await this.#options.client.unsubscribe(this.#channelNames())
  }

  /** Takes what came on a channel, which may be one of somebody else. */
  receive(channel: string, text: string): void {
    const { ownLeases, evictions, calls } = this.#options.channels
    if (channel === calls) this.#hearCall(text)
    if (channel === evictions) this.#listener?.evicted(selectorsInMessage(text))
    if (channel !== ownLeases) return
    const { lease, end } = leaseMessage(text)
    this.#waiters.notify(lease, end)
  }

  #channelNames(): string[] {
    const { ownLeases, evictions, calls } = this.#options.channels
    return this.#listener ? [ownLeases, calls, evictions] : [ownLeases, calls]
  }

  /** What is neither a number nor the alarm is not ours. */
  #hearCall(text: string): void {
    if (text === ALARM) this.#onCall?.(ALARM)
    const number = Number(text)
    if (Number.isSafeInteger(number) && number > 0) this.#onCall?.(number)
  }
}
