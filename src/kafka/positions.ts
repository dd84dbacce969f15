import { ExponentialBackoff, handleAll, retry } from 'cockatiel'
import type { Consumer, IMemberAssignment } from 'kafkajs'
import type { Place } from './dead-letters.js'
import type { KafkaClient } from './kafka-client.js'

/** A topic that has just been created. */
const untilThereIsALeader = retry(handleAll, {
  maxAttempts: 5,
  backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }),
})

/**
 * How far this process is in each partition. It begins at what is the end when it first asks, so everything that it
 * makes up for afterwards is older than what it hears. Partitions that come later are heard from their beginning.
 */
export class Positions {
  readonly #client: KafkaClient
  readonly #next = new Map<string, Map<number, string>>()

  constructor(client: KafkaClient) {
    this.#client = client
  }

  /** Takes the end of each topic that is new as its beginning. */
  async begin(topics: readonly string[]): Promise<void> {
    const begun = topics.filter((topic) => !this.#next.has(topic))
    if (begun.length === 0) return
    await this.#client.withAdmin(async (admin) => {
      for (const topic of begun) {
        const ends = await untilThereIsALeader.execute(() => admin.fetchTopicOffsets(topic))
        this.#next.set(topic, new Map(ends.map(({ partition, high }) => [partition, high])))
      }
    })
  }

  /** Has a consumer that has just joined go on there. */
  restore(consumer: Consumer, assignment: IMemberAssignment): void {
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const offset = this.#next.get(topic)?.get(partition)
        if (offset !== undefined) consumer.seek({ topic, partition, offset })
      }
    }
  }

  passed({ topic, partition, offset }: Place): void {
    this.#next.get(topic)?.set(partition, String(BigInt(offset) + 1n))
  }
}
