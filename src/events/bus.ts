import type { Delivery } from '../rules/declaration.js'
import type { EventCatalogue } from './event-catalogue.js'

// Whoever makes a bus needs to know nothing of rules.
export type { Delivery }

/**
 * What services tell each other.
 *
 * @typeParam Data - The payload; its fields are the placeholders `{data.…}` of `@CacheEvict` on handlers.
 */
export interface BusEvent<Data = Record<string, unknown>> {
  /** What happened, in capitals: `CUSTOMER_CREATED`. */
  readonly eventType: string
  /** Unique; a handler that writes deduplicates by it. */
  readonly eventId: string
  /** When, as ISO 8601. */
  readonly timestamp: string
  readonly data: Data
}

export type BusHandler = (event: BusEvent) => Promise<void> | void

export interface PublishOptions {
  /** What the event is about, such as `user:5`: events with the same key are handled in the order of publication. */
  readonly key?: string | undefined
}

export interface SubscribeOptions {
  /**
   * Who of those that run the same service hears an event. `once`, the default, is for effects: one process does,
   * and what was published while none ran is heard later. `every-process` is for what each process keeps in its
   * own memory.
   */
  readonly delivery?: Delivery
  /** With `every-process`: called before the first event, and whenever some may have been missed. */
  readonly onGap?: () => Promise<void>
}

/** Ends one subscription. */
export interface Subscription {
  close(): Promise<void>
}

/**
 * A way for services to hear of each other's changes. `createMemoryBus()` serves one process, `createKafkaBus()`
 * of `express-cacheable/kafka` serves many.
 */
export interface EventBus {
  /** What may be published; without it, anything. */
  readonly events?: EventCatalogue | undefined
  /**
   * Whether several processes share the bus. Then an event comes again until its handler has resolved, and what
   * the handler evicts is waited for until the store has acknowledged it.
   */
  readonly isShared?: boolean
  /**
   * Takes any object as payload; handlers see its fields. Resolves once the event cannot be lost any more by this
   * bus's own standard.
   */
  publish(topic: string, event: BusEvent<object>, options?: PublishOptions): Promise<void>
  /** Calls the handler for each event of the topic, in the order of publication of its key. */
  subscribe(topic: string, handler: BusHandler, options?: SubscribeOptions): Promise<Subscription>
  close(): Promise<void>
}
