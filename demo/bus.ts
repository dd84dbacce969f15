import { createMemoryBus, type EventBus, type Logger } from 'express-cacheable'
import { createKafkaBus } from 'express-cacheable/kafka'
import { type DemoConfig, isOneOfSeveral } from './config.js'
import { EVENTS } from './events.js'

/** Opens the way for services to hear of each other: Kafka between processes, memory within one. */
export function openBus({ kafkaBrokers: brokers, services }: DemoConfig, logger: Logger): EventBus {
  if (!brokers) return createMemoryBus({ events: EVENTS, logger })
  const name = `crm.${isOneOfSeveral({ services }) ? services.join('.') : 'all'}`
  return createKafkaBus({ brokers, clientId: name, groupId: name, events: EVENTS, logger })
}
