import { readController } from '../decorators/read-controller.js'
import { CacheError } from '../errors.js'
import type { Duration } from '../rules/duration.js'
import type { EventBinding } from './subscribe.js'

/**
 * Reads which methods of a handler hear which events, and what each evicts.
 *
 * @throws CacheError for a mistake in a decorator; `E_CACHE_BUS` if no method has `@OnEvent`.
 */
export function readBindings(handler: object, defaultTtl: Duration): EventBinding[] {
  const methods = readController(handler, defaultTtl, 'cache.subscribe()')
  const bindings = [...methods].flatMap(([method, { rules, events }]) => {
    const evicts = rules.filter((rule) => rule.kind === 'evict')
    const where = `${handler.constructor.name}.${method}`
    const handle: EventBinding['handle'] = (event) => Reflect.get(handler, method)?.call(handler, event)
    return events.map(
      ({ topic, eventType, options: { delivery = 'once' } }): EventBinding => ({
        ...{ where, topic, eventType, delivery, handle, evicts },
      }),
    )
  })
  if (bindings.length > 0) return bindings
  throw new CacheError('E_CACHE_BUS', {
    where: `cache.subscribe(): ${handler.constructor.name}`,
    problem: 'no method has @OnEvent',
    mend: `Put @OnEvent('user.events', 'USER_CREATED') on a method that handles an event.`,
  })
}
