import { randomUUID } from 'node:crypto'
import type { EventBus } from '#src/events/bus.js'
import { createKafkaBus } from '#src/kafka/kafka-bus.js'
import { kafkaForTests } from '../support/kafka.js'
import { recordingLogger } from '../support/recording-logger.js'
import { describeBusContract } from './bus-contract.js'

describeBusContract('The Kafka bus', async (context) => {
  const brokers = await kafkaForTests(context)
  context.timeout(60_000)
  const groupId = randomUUID()
  const buses: EventBus[] = []
  return {
    open(options = {}) {
      const bus = createKafkaBus({ brokers, groupId, logger: recordingLogger(), ...options })
      buses.push(bus)
      return bus
    },
    topic: () => randomUUID(),
    async end() {
      await Promise.all(buses.map((bus) => bus.close()))
    },
  }
})
