import type { KafkaMessage } from 'kafkajs'
import type { KafkaPublisher } from './kafka-publisher.js'
import { deadLetterTopicOf } from './kafka-topics.js'

/** In characters: a message that was small enough for Kafka should be so with it. */
const LONGEST_REASON = 1_000

/** Where a message lies. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

/** Writes what cannot be handled to a topic of its own, as it came, with the reason in its headers. */
export class DeadLetters {
  readonly #publisher: KafkaPublisher
  readonly #groupId: string

  constructor(publisher: KafkaPublisher, groupId: string) {
    this.#publisher = publisher
    this.#groupId = groupId
  }

  /** Resolves once Kafka has it. */
  async bury({ key, value, headers }: KafkaMessage, place: Place, reason: string): Promise<void> {
    await this.#publisher.publish(deadLetterTopicOf(place.topic), {
      key,
      value,
      headers: {
        ...headers,
        'dead-letter-reason': reason.slice(0, LONGEST_REASON),
        'dead-letter-topic': place.topic,
        'dead-letter-partition': String(place.partition),
        'dead-letter-offset': place.offset,
        'dead-letter-group': this.#groupId,
      },
    })
  }
}
