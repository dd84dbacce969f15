import { CacheError } from '../errors.js'
import type { BusEvent, EventBus, SubscribeOptions } from '../events/bus.js'
import { checkPublication } from '../events/check-event.js'
import { DeadLetters } from './dead-letters.js'
import { KafkaClient } from './kafka-client.js'
import { KafkaListener } from './kafka-listener.js'
import { type KafkaBusOptions, resolveKafkaOptions } from './kafka-options.js'
import { KafkaPublisher } from './kafka-publisher.js'
import { checkTopicName, KafkaTopics } from './kafka-topics.js'

/**
 * A bus for many processes, over Apache Kafka.
 *
 * `publish` resolves once all replicas in sync have the event. Of the processes with one `groupId`, one handles it, at
 * least once: its offset is committed after all handlers have resolved. What cannot be handled lies in
 * `<topic>.dead-letter` in the end, and the partition goes on.
 *
 * `subscribe` resolves at once; where Kafka is not there yet, or goes away, the bus goes on trying.
 *
 * @throws CacheError `E_CACHE_OPTION` for a mistake in the options, never for an unreachable Kafka.
 * @example
 * const bus = createKafkaBus({ brokers: ['localhost:9092'], groupId: 'customer-service' })
 * await cache.subscribe(bus, new CustomerEvents())
 */
export function createKafkaBus(options: KafkaBusOptions): EventBus {
  const resolved = resolveKafkaOptions(options)
  const { events, logger, groupId } = resolved
  const client = new KafkaClient(resolved)
  const topics = new KafkaTopics(client, resolved.partitions, logger)
  const publisher = new KafkaPublisher(client, topics)
  const listeners = {
    once: new KafkaListener({
      ...resolved,
      client,
      topics,
      delivery: 'once',
      deadLetters: new DeadLetters(publisher, groupId),
    }),
    'every-process': new KafkaListener({
      ...resolved,
      client,
      topics,
      delivery: 'every-process',
      deadLetters: null,
    }),
  }
  let isClosed = false
  /** Publications are checked at the same time, and go on in their order. */
  let checkedSoFar = Promise.resolve()

  return {
    events,
    isShared: true,

    async publish(topic, event, { key } = {}) {
      checkTopicName(topic, `publish('${topic}')`)
      const text = textOf(topic, event)
      // What is checked is what others will read.
      const checked = checkPublication(topic, JSON.parse(text) as BusEvent, events)
      const before = checkedSoFar
      checkedSoFar = Promise.allSettled([before, checked]).then(() => {})
      await checked
      await before
      await publisher.publish(topic, { key: key ?? event.eventId, value: text })
    },

    async subscribe(topic, handler, { delivery = 'once', onGap }: SubscribeOptions = {}) {
      const where = `subscribe('${topic}')`
      checkTopicName(topic, where)
      if (isClosed) {
        throw new CacheError('E_CACHE_BUS', {
          where,
          problem: 'the bus is closed',
          mend: 'Make another one.',
        })
      }
      return listeners[delivery].subscribe(topic, handler, onGap)
    },

    async close() {
      if (isClosed) return
      isClosed = true
      await Promise.all(Object.values(listeners).map((listener) => listener.close()))
      await publisher.close()
      client.destroy()
    },
  }
}

/** @throws CacheError `E_CACHE_BUS` */
function textOf(topic: string, event: unknown): string {
  try {
    return JSON.stringify(event) ?? 'null'
  } catch (cause) {
    throw new CacheError('E_CACHE_BUS', {
      where: `publish('${topic}')`,
      problem: 'the event has no JSON form',
      mend: 'Publish plain data: no cycles, no bigint.',
      cause,
    })
  }
}
