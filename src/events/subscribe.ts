import type { DerivedEvictions } from '../checking/derived-evictions.js'
import { declaredEvictions } from '../checking/unneeded-evictions.js'
import type { Engine } from '../engine/engine.js'
import type { ResolveValue } from '../keys/render.js'
import type { Delivery } from '../rules/declaration.js'
import { evictionTargets } from '../rules/eviction-targets.js'
import type { EvictRule } from '../rules/rule.js'
import type { Selector } from '../stores/store.js'
import { follow } from '../tools/follow.js'
import { reasonOf } from '../tools/reason-of.js'
import type { BusEvent, EventBus, SubscribeOptions, Subscription } from './bus.js'

/** One method that handles one type of event, and what it evicts. */
export interface EventBinding {
  /** Class and method. */
  readonly where: string
  readonly topic: string
  readonly eventType: string
  readonly delivery: Delivery
  readonly handle: (event: BusEvent) => unknown
  readonly evicts: readonly EvictRule[]
}

/**
 * Calls the bindings for their events and evicts once they have succeeded. A binding that throws evicts
 * nothing, and the bus hears of it.
 *
 * On a bus that brings an event again until its handler has resolved, that is once the store has acknowledged what was
 * evicted. Elsewhere a publisher waits, and need not wait for a store that is away: the engine owes the eviction.
 */
export async function subscribeBindings(
  bus: EventBus,
  bindings: readonly EventBinding[],
  engine: Engine,
  derived?: DerivedEvictions,
): Promise<Subscription> {
  const evict: Evict = async (selectors, by) => {
    await engine.evict(selectors, null, by)
    if (bus.isShared) await engine.whenDelivered()
  }
  // At the same time, so that a bus can begin with all of them at once.
  const subscriptions = await Promise.all(
    together(bindings).map((group) =>
      bus.subscribe(
        group.topic,
        (event) => handleEvent(group.bindings, event, evict, derived),
        optionsFor(group, evict),
      ),
    ),
  )
  return {
    close: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.close()))
    },
  }
}

type Evict = (selectors: readonly Selector[], by: string) => Promise<void>

/** Bindings that share a subscription. */
interface BindingGroup {
  readonly topic: string
  readonly delivery: Delivery
  readonly bindings: readonly EventBinding[]
}

function together(bindings: readonly EventBinding[]): BindingGroup[] {
  const groups = new Map<string, BindingGroup>()
  for (const binding of bindings) {
    const { topic, delivery } = binding
    const id = JSON.stringify([topic, delivery])
    groups.set(id, { topic, delivery, bindings: [...(groups.get(id)?.bindings ?? []), binding] })
  }
  return [...groups.values()]
}

function optionsFor({ topic, delivery, bindings }: BindingGroup, evict: Evict): SubscribeOptions {
  if (delivery === 'once') return { delivery }
  // Whatever has been missed may have been about any of them.
  const everything = evictionTargets(
    bindings.flatMap(({ evicts }) => evicts),
    () => undefined,
  )
  return {
    delivery,
    onGap: async () => (everything.length > 0 ? evict(everything, `a gap in '${topic}'`) : undefined),
  }
}

async function handleEvent(
  bindings: readonly EventBinding[],
  event: BusEvent,
  evict: Evict,
  derived: DerivedEvictions | undefined,
): Promise<void> {
  const ofType = bindings.filter(({ eventType }) => eventType === event.eventType)
  const results = await Promise.allSettled(
    ofType.map((binding) => runBinding(binding, event, evict, derived)),
  )
  const failed = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason)
  if (failed.length > 0) throw failed.length === 1 ? failed[0] : aggregate(failed)
}

async function runBinding(
  { where, handle, evicts }: EventBinding,
  event: BusEvent,
  evict: Evict,
  derived: DerivedEvictions | undefined,
): Promise<void> {
  const early = evicts.filter((rule) => rule.before)
  if (early.length > 0) await evict(evictionTargets(early, valuesOfEvent(event, undefined)), where)
  const write = derived?.begin(evicts)
  const settle = (result: unknown, hasFailed: boolean) =>
    derived?.settle(write, {
      ...{ hasFailed, isOver: true },
      declared: write ? declaredEvictions(evicts, valuesOfEvent(event, result)) : [],
      known: [
        { source: 'data', value: event.data },
        { source: 'result', value: result },
      ],
    })
  let result: unknown
  try {
    result = await (derived ? derived.run(write, () => handle(event)) : handle(event))
  } catch (error) {
    await settle(undefined, true)
    throw error
  }
  if (evicts.length > 0) await evict(evictionTargets(evicts, valuesOfEvent(event, result)), where)
  await settle(result, false)
}

/** `{data.…}` is the event's payload, `{result.…}` what the handler returned. */
function valuesOfEvent(event: BusEvent, result: unknown): ResolveValue {
  return ({ source, path }) => follow(source === 'data' ? event.data : result, path)
}

/** With a message of its own, as that is what the bus logs. */
function aggregate(errors: readonly unknown[]): AggregateError {
  return new AggregateError(errors, errors.map(reasonOf).join('; '))
}
