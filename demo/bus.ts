import { createMemoryBus, type EventBus, type Logger } from 'express-cacheable'
import type { DemoConfig } from './config.js'

/** Opens the way for services to hear of each other: Kafka for several processes, and memory for one. */
export function openBus(_config: DemoConfig, logger: Logger): EventBus {
  return createMemoryBus({ logger })
}
