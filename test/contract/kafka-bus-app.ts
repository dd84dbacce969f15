// One process of kafka-bus.test.ts. Prints the events it hears, never ends handling one of the type HANG, and closes its
// bus on SIGTERM.
import type { BusEvent } from '#src/events/bus.js'
import { createKafkaBus } from '#src/kafka/kafka-bus.js'

const { brokers, groupId, topic } = JSON.parse(process.argv[2] ?? '{}')
const bus = createKafkaBus({ brokers, groupId })
await bus.subscribe(topic, ({ eventType, eventId }: BusEvent) => {
  console.log(`heard ${eventId}`)
  return eventType === 'HANG' ? new Promise<void>(() => {}) : undefined
})
process.once('SIGTERM', () => {
  void bus.close().then(() => console.log('closed'))
})
console.log('subscribed')
