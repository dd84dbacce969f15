export { createKafkaBus } from './kafka-bus.js'
export type { KafkaBusOptions, KafkaRetryOptions } from './kafka-options.js'
