import type { Store } from '../stores/store.js'
import type { EventBus } from './bus.js'
import type { EventBinding } from './subscribe.js'

/** What looks wrong with bindings on a bus, and may be meant; one sentence or two for each. */
export function warningsAbout(
  { where, topic, eventType, delivery, evicts }: EventBinding,
  bus: EventBus,
  storeKind: Store['kind'],
): string[] {
  const warnings: string[] = []
  if (bus.events) {
    const types = Object.hasOwn(bus.events, topic) ? Object.keys(bus.events[topic] ?? {}) : undefined
    const there = types
      ? `${topic} has ${listed(types)}`
      : `There are the topics ${listed(Object.keys(bus.events))}`
    if (!types?.includes(eventType))
      warnings.push(`${where}: nobody publishes ${eventType} on ${topic}. ${there}.`)
  }
  if (bus.isShared && storeKind === 'memory' && delivery === 'once' && evicts.length > 0) {
    warnings.push(
      `${where} evicts from the memory of one process, and ${eventType} reaches one process alone: others keep their entries. Write @OnEvent('${topic}', '${eventType}', { delivery: 'every-process' }) on a method that only evicts, or give createCache a Redis.`,
    )
  }
  return warnings
}

function listed(names: readonly string[]): string {
  return names.join(', ') || 'none'
}
