import type { BusEvent, EventBus } from 'express-cacheable'

export interface RecordingBus extends EventBus {
  readonly published: readonly {
    readonly topic: string
    readonly key?: string | undefined
    readonly event: BusEvent
  }[]
  /** The ids of the events so far. */
  ids(): string[]
}

/** A bus that several processes might share. It takes an event when `accept` has resolved. */
export function recordingBus(
  accept: (event: BusEvent<object>) => Promise<void> | void = () => {},
): RecordingBus {
  const published: { topic: string; key?: string | undefined; event: BusEvent }[] = []
  return {
    isShared: true,
    published,
    ids: () => published.map(({ event }) => event.eventId),
    async publish(topic, event, { key } = {}) {
      await accept(event)
      published.push({ topic, key, event: event as BusEvent })
    },
    subscribe: async () => ({ close: async () => {} }),
    close: async () => {},
  }
}
