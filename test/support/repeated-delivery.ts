import type { PrismaClient } from '#demo/prisma/generated/client.js'
import type { Random } from '../consistency/random.js'
import { quietKafka } from './kafka-messages.js'

/** Writes what has been published to Kafka twice more, as a relay would that loses its marks, in any order. */
export class RepeatedDelivery {
  readonly #brokers: readonly string[]
  readonly #prisma: PrismaClient
  readonly #random: Random
  readonly #delivered = new Set<bigint>()

  constructor(brokers: readonly string[], prisma: PrismaClient, random: Random) {
    this.#brokers = brokers
    this.#prisma = prisma
    this.#random = random
  }

  /** @returns How many events there were that had not been repeated before. */
  async repeat(): Promise<number> {
    const published = await this.#prisma.outboxEvent.findMany({ where: { publishedAt: { not: null } } })
    const rows = published.filter(({ id }) => !this.#delivered.has(id))
    const topics = new Map<string, { key: string; value: string }[]>()
    for (const { topic, key, event } of this.#shuffled([...rows, ...rows])) {
      topics.set(topic, [...(topics.get(topic) ?? []), { key, value: JSON.stringify(event) }])
    }
    const producer = quietKafka(this.#brokers).producer()
    await producer.connect()
    try {
      await producer.sendBatch({
        topicMessages: [...topics].map(([topic, messages]) => ({ topic, messages })),
      })
    } finally {
      await producer.disconnect()
    }
    for (const { id } of rows) this.#delivered.add(id)
    return rows.length
  }

  #shuffled<Item>(items: Item[]): Item[] {
    const left = [...items]
    return items.map(() => left.splice(this.#random.below(left.length), 1)[0] as Item)
  }
}
