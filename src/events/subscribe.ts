import type { Engine } from '../engine/engine.js'
import { follow } from '../keys/follow.js'
import type { LookUp } from '../keys/render.js'
import { evictionTargets } from '../rules/eviction-targets.js'
import type { EvictRule } from '../rules/rule.js'
import type { BusEvent, EventBus, Subscription } from './bus.js'
import { reasonOf } from './reason-of.js'

/** One method that handles one type of event, and what it evicts. */
export interface EventBinding {
  readonly topic: string
  readonly eventType: string
  readonly handle: (event: BusEvent) => unknown
  readonly evicts: readonly EvictRule[]
}

/**
 * Calls the bindings for their events and evicts once they have succeeded. A binding that throws evicts
 * nothing, and the bus hears of it.
 */
export async function subscribeBindings(
  bus: EventBus,
  bindings: readonly EventBinding[],
  engine: Engine,
): Promise<Subscription> {
  const topics = [...new Set(bindings.map(({ topic }) => topic))]
  const subscriptions: Subscription[] = []
  for (const topic of topics) {
    const ofTopic = bindings.filter((binding) => binding.topic === topic)
    subscriptions.push(
      await bus.subscribe(topic, async (event) => {
        const ofType = ofTopic.filter(({ eventType }) => eventType === event.eventType)
        const results = await Promise.allSettled(ofType.map((binding) => handleEvent(binding, event, engine)))
        const failed = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason)
        if (failed.length > 0) throw failed.length === 1 ? failed[0] : aggregate(failed)
      }),
    )
  }
  return {
    close: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.close()))
    },
  }
}

async function handleEvent({ handle, evicts }: EventBinding, event: BusEvent, engine: Engine): Promise<void> {
  const early = evicts.filter((rule) => rule.before)
  if (early.length > 0) await engine.evict(evictionTargets(early, valuesOfEvent(event, undefined)))
  const result = await handle(event)
  if (evicts.length > 0) await engine.evict(evictionTargets(evicts, valuesOfEvent(event, result)))
}

/** `{data.…}` is the event's payload, `{result.…}` what the handler returned. */
function valuesOfEvent(event: BusEvent, result: unknown): LookUp {
  return ({ source, path }) => follow(source === 'data' ? event.data : result, path)
}

/** With a message of its own, as that is what the bus logs. */
function aggregate(errors: readonly unknown[]): AggregateError {
  return new AggregateError(errors, errors.map(reasonOf).join('; '))
}
