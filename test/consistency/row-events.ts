import { randomUUID } from 'node:crypto'
import type { Engine } from '#src/engine/engine.js'
import type { BusEvent, EventBus } from '#src/events/bus.js'
import { subscribeBindings } from '#src/events/subscribe.js'
import { resolveRule } from '#src/rules/resolve-rule.js'
import type { EvictRule } from '#src/rules/rule.js'
import { groupOf } from '#src/stores/store.js'
import type { Pause } from './random-pauses.js'
import { SHARED_ROWS } from './rows.js'

export const ROW_EVENTS = 'row.events'

/** Tells that a row has been written. */
export function rowChanged(row: string): BusEvent {
  const group = groupOf(row)
  return {
    eventType: eventTypeOf(group),
    eventId: randomUUID(),
    timestamp: new Date().toISOString(),
    data: { id: row.slice(group.length + 1) },
  }
}

/** Evicts the rows of which events tell, as methods with `@OnEvent` and `@CacheEvict` do. */
export async function evictOnEvents(bus: EventBus, engine: Engine, pause: Pause): Promise<void> {
  const groups = [...new Set(SHARED_ROWS.map(groupOf))]
  const bindings = groups.map((group) => ({
    where: 'the race',
    topic: ROW_EVENTS,
    eventType: eventTypeOf(group),
    delivery: 'once' as const,
    handle: pause,
    evicts: [evictRule(`${group}:{data.id}`)],
  }))
  await subscribeBindings(bus, bindings, engine)
}

function eventTypeOf(group: string): string {
  return `${group.toUpperCase()}_CHANGED`
}

function evictRule(pattern: string): EvictRule {
  const declaration = { kind: 'evict', patterns: pattern, options: {} } as const
  const context = { where: 'the race', classConfig: {}, defaultTtl: 60, isEventHandler: true }
  return resolveRule(declaration, context) as EvictRule
}
