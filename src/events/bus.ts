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

/** Ends one subscription. */
export interface Subscription {
  close(): Promise<void>
}

/**
 * A way for services to hear of each other's changes. `createMemoryBus()` serves one process.
 */
export interface EventBus {
  /** Takes any object as payload; handlers see its fields. Resolves once the event cannot be lost any more by this bus's own standard. */
  publish(topic: string, event: BusEvent<object>): Promise<void>
  /** Calls the handler for each event of the topic, in the order of publication. */
  subscribe(topic: string, handler: BusHandler): Promise<Subscription>
  close(): Promise<void>
}
