import { type Admin, Kafka, logLevel, type Message } from 'kafkajs'
import { until } from './until.js'

export interface KafkaText {
  readonly key: string | undefined
  readonly value: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** Writes messages that no bus would publish. */
export async function writeMessages(
  brokers: readonly string[],
  topic: string,
  messages: Message[],
): Promise<void> {
  const producer = quietKafka(brokers).producer()
  await producer.connect()
  try {
    await producer.send({ topic, messages })
  } finally {
    await producer.disconnect()
  }
}

/** The first messages of a topic, once there are as many. */
export async function readMessages(
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<readonly KafkaText[]> {
  const read: KafkaText[] = []
  await withAdmin(brokers, (admin) =>
    until(`the topic ${topic}`, async () => (await admin.listTopics()).includes(topic), {
      deadlineMs: 30_000,
    }),
  )
  const consumer = quietKafka(brokers).consumer({ groupId: `reader-of-${topic}`, maxWaitTimeInMs: 100 })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message: { key, value, headers = {} } }) => {
        const texts = Object.entries(headers).map(([name, text]) => [name, String(text)])
        read.push({ key: key?.toString(), value: value?.toString(), headers: Object.fromEntries(texts) })
      },
    })
    await until(`${count} messages`, () => read.length >= count, { deadlineMs: 30_000 })
    return read
  } finally {
    await consumer.disconnect()
  }
}

/** All that a topic has had so far. */
export async function readTopic(brokers: readonly string[], topic: string): Promise<readonly KafkaText[]> {
  const ends = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic))
  const count = ends.reduce((sum, { high }) => sum + Number(high), 0)
  return readMessages(brokers, topic, count)
}

export async function withAdmin<T>(
  brokers: readonly string[],
  act: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = quietKafka(brokers).admin()
  await admin.connect()
  try {
    return await act(admin)
  } finally {
    await admin.disconnect()
  }
}

export function quietKafka(brokers: readonly string[]): Kafka {
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
}
