import { AsyncLocalStorage } from 'node:async_hooks'
import { type Logger, quietLogger } from '../logger.js'
import type { BusEvent, BusHandler, EventBus, Subscription } from './bus.js'

/**
 * A bus for one process.
 *
 * `publish` resolves once every handler has run, so whoever awaits it sees what they did. Each topic's events
 * are handled one after the other. A handler's error is logged and does not reach the publisher, who could do
 * nothing about it. A handler that publishes itself does not wait for its own event to be handled.
 *
 * `close` waits until all that was published has been handled, also what handlers publish meanwhile.
 *
 * @example
 * const bus = createMemoryBus()
 * await cache.subscribe(bus, new CustomerEvents())
 * await bus.publish('user.events', event)
 */
export function createMemoryBus({ logger = quietLogger }: { readonly logger?: Logger } = {}): EventBus {
  const handlers = new Map<string, Set<BusHandler>>()
  const tails = new Map<string, Promise<void>>()
  const unhandled = new Set<Promise<void>>()
  const insideHandler = new AsyncLocalStorage<true>()
  let isClosed = false

  async function deliver(topic: string, event: BusEvent): Promise<void> {
    const listening = [...(handlers.get(topic) ?? [])]
    const results = await Promise.allSettled(
      listening.map((handler) => insideHandler.run(true, async () => handler(event))),
    )
    for (const result of results) {
      if (result.status === 'rejected') {
        logger.error(`A handler of ${event.eventType} on ${topic} failed: ${reasonOf(result.reason)}`)
      }
    }
  }

  return {
    async publish(topic, event) {
      const isInside = insideHandler.getStore() ?? false
      if (isClosed && !(isInside && unhandled.size > 0)) {
        logger.error(`The bus is closed, and ${event.eventType} on ${topic} reaches nobody`)
        return
      }
      const turn = (tails.get(topic) ?? Promise.resolve()).then(() => deliver(topic, event))
      tails.set(topic, turn)
      unhandled.add(turn)
      void turn.finally(() => unhandled.delete(turn))
      // Its turn comes after the handler that is publishing, so waiting here would be waiting for oneself.
      if (!isInside) await turn
    },

    async subscribe(topic, handler): Promise<Subscription> {
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
