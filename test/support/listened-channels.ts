import { AsyncLocalStorage } from 'node:async_hooks'
import {
  subscribe,
  type TracingChannelSubscribers,
  tracingChannel,
  unsubscribe,
} from 'node:diagnostics_channel'
import type { EvictionMessage, LoadMessage } from '#src/diagnostics/channels.js'
import type { EventMessage } from '#src/engine/publish-events.js'

/** What one message said when it came, and in which request. */
export interface Heard {
  readonly what: string
  readonly message: LoadMessage | EvictionMessage
  readonly request: string | undefined
}

/** Which request the code runs in; tests run their requests within. */
export const requestContext = new AsyncLocalStorage<string>()

/** Listens to the channels as any part of a process may, until the test is over. */
export function channelsOfSuite() {
  const stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  return {
    /** Type and request of each event. */
    events(): readonly (readonly [type: string, request: string | undefined])[] {
      const heard: [string, string | undefined][] = []
      const listener = (message: unknown) => {
        heard.push([(message as EventMessage).event.type, requestContext.getStore()])
      }
      subscribe('express-cacheable:event', listener)
      stops.push(() => unsubscribe('express-cacheable:event', listener))
      return heard
    },
    loads: () => listen<LoadMessage>('express-cacheable:load', stops),
    evictions: () => listen<EvictionMessage>('express-cacheable:evict', stops),
  }
}

function listen<Message extends LoadMessage | EvictionMessage>(
  name: string,
  stops: (() => void)[],
): (Heard & { readonly message: Message })[] {
  const heard: (Heard & { readonly message: Message })[] = []
  const hear = (what: string) => (message: Message) => {
    heard.push({ what, message, request: requestContext.getStore() })
  }
  const subscribers: TracingChannelSubscribers<Message> = {
    start: hear('start'),
    end: hear('end'),
    asyncStart: hear('asyncStart'),
    asyncEnd: hear('asyncEnd'),
    error: hear('error'),
  }
  const channel = tracingChannel<unknown, Message>(name)
  channel.subscribe(subscribers)
  stops.push(() => channel.unsubscribe(subscribers))
  return heard
}
