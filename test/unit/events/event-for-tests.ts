import { randomUUID } from 'node:crypto'
import type { BusEvent } from '#src/events/bus.js'

export function eventForTests(eventType: string, data: Record<string, unknown> = {}): BusEvent {
  return { eventType, eventId: randomUUID(), timestamp: '2024-05-06T07:08:09.000Z', data }
}
