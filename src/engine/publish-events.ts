import { EVENTS, type ObservedCache } from '../diagnostics/channels.js'
import type { CacheEvent, CacheListener } from './cache-event.js'

/** What the channel `express-cacheable:event` says. */
export interface EventMessage {
  readonly cache: ObservedCache
  readonly event: CacheEvent
}

/** Publishes each event of a cache, in the context in which it happens: that of the request, where there is one. */
export function publishEvents(cache: ObservedCache): CacheListener {
  return (event) => {
    if (EVENTS.hasSubscribers) EVENTS.publish({ cache, event } satisfies EventMessage)
  }
}
