import type { OnEventOptions } from '../rules/declaration.js'
import { recordOnMethod, type UniversalMethodDecorator } from './metadata.js'

/**
 * Makes a method the handler of one type of event, for `cache.subscribe(bus, handlers)`. `@CacheEvict` on the
 * same method evicts once it has succeeded, with placeholders such as `{data.userId}`.
 *
 * @example
 * class CustomerEvents {
 *   @OnEvent('user.events', 'USER_CREATED')
 *   @CacheEvict(['customers:list:*', 'customers:count'])
 *   async onUserCreated(event: BusEvent<{ userId: string }>) { await createCustomerFor(event.data.userId) }
 * }
 */
export function OnEvent(
  topic: string,
  eventType: string,
  options: OnEventOptions = {},
): UniversalMethodDecorator {
  return recordOnMethod('OnEvent', { kind: 'event', topic, eventType, options })
}
