import { AsyncLocalStorage } from 'node:async_hooks'
import { type Logger, quietLogger } from '../logger.js'
import { usableLogger } from '../tools/check-values.js'
import { reasonOf } from '../tools/reason-of.js'
import type { BusEvent, BusHandler, EventBus, Subscription } from './bus.js'
import { checkPublication } from './check-event.js'
import type { EventCatalogue } from './event-catalogue.js'

export interface MemoryBusOptions {
  /** What may be published; without it, anything that is an event. */
  readonly events?: EventCatalogue | undefined
  /** Where errors of handlers go. @defaultValue warnings and errors on the console */
  readonly logger?: Logger | undefined
}

/** A handler that runs, within those of other buses. */
interface Handling {
  /** The topics of its bus, by which that knows it. */
  readonly of: object
  /** What it has published itself. */
  readonly published: Promise<void>[]
  readonly outer: Handling | undefined
}

/** One for all buses: Node looks after each that was ever used, at every promise. */
const HANDLING = new AsyncLocalStorage<Handling>()

/**
 * A bus for one process.
 *
 * `publish` resolves once every handler has run, and the handlers of what those have published, so whoever
 * awaits it sees all that follows from the event. Each topic's events are handled one after the other. A
 * handler's error is logged and does not reach the publisher, who could do nothing about it. A handler that
 * publishes itself does not wait for its own event to be handled: its turn may come only afterwards.
 *
 * `close` waits until all that was published has been handled, also what handlers publish meanwhile.
 *
 * `publish` rejects with a CacheError `E_CACHE_BUS` for what is no event, or not one of `events`.
 *
 * @example
 * const bus = createMemoryBus()
 * await cache.subscribe(bus, new CustomerEvents())
 * await bus.publish('user.events', event)
 */
export function createMemoryBus({ events, logger: given = quietLogger }: MemoryBusOptions = {}): EventBus {
  const logger = usableLogger('createMemoryBus()', given)
  const handlers = new Map<string, Set<BusHandler>>()
  const tails = new Map<string, Promise<unknown>>()
  const unhandled = new Set<Promise<void>>()
  let isClosed = false

  /** What the handler of this bus has published that the caller runs in, if it runs in one. */
  function publishedByHandler(): Promise<void>[] | undefined {
    let handling = HANDLING.getStore()
    while (handling && handling.of !== handlers) handling = handling.outer
    return handling?.published
  }

  /** @returns What the handlers have published. */
  async function deliver(topic: string, event: BusEvent<object>): Promise<Promise<void>[]> {
    const listening = [...(handlers.get(topic) ?? [])]
    const consequences: Promise<void>[] = []
    const handling: Handling = {
      of: handlers,
      published: consequences,
      outer: without(handlers, HANDLING.getStore()),
    }
    const results = await Promise.allSettled(
      listening.map((handler) => HANDLING.run(handling, async () => handler(event as BusEvent))),
    )
    for (const result of results) {
      if (result.status === 'rejected') {
        logger.error(`A handler of ${event.eventType} on ${topic} failed: ${reasonOf(result.reason)}`)
      }
    }
    return consequences
  }

  return {
    events,

    async publish(topic, event) {
      const consequences = publishedByHandler()
      if (isClosed && !(consequences && unhandled.size > 0)) {
        logger.error(`The bus is closed, and ${event.eventType} on ${topic} reaches nobody`)
        return
      }
      const checked = checkPublication(topic, event, events)
      const isSound = checked.then(
        () => true,
        () => false,
      )
      // It takes its place before it has been checked, so that the order is that of publication.
      const turn = (tails.get(topic) ?? Promise.resolve()).then(async () =>
        (await isSound) ? deliver(topic, event) : [],
      )
      tails.set(topic, turn)
      // Waited for behind the turn, not in it: a consequence on the same topic has its turn after this one.
      const handled = turn.then(async (own) => void (await Promise.all(own)))
      unhandled.add(handled)
      void handled.finally(() => unhandled.delete(handled))
      // For the same reason a handler does not wait here; whoever published first waits for it.
      if (consequences) consequences.push(handled)
      else await handled
      await checked
    },

    async subscribe(topic, handler, { onGap } = {}): Promise<Subscription> {
      if (onGap) await onGap()
      const listening = handlers.get(topic) ?? new Set()
      handlers.set(topic, listening.add(handler))
      return {
        close: async () => {
          listening.delete(handler)
        },
      }
    },

    async close() {
      isClosed = true
      while (unhandled.size > 0) await Promise.all(unhandled)
      handlers.clear()
    },
  }
}

/** Events may follow from events for ever, and what is around must not grow with them. */
function without(bus: object, handling: Handling | undefined): Handling | undefined {
  if (!handling) return undefined
  const outer = without(bus, handling.outer)
  return handling.of === bus ? outer : { ...handling, outer }
}
