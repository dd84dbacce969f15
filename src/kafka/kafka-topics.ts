import { CacheError } from '../errors.js'
import type { Logger } from '../logger.js'
import type { KafkaClient } from './kafka-client.js'

const DEAD_LETTER = '.dead-letter'
const LONGEST_NAME = 249 - DEAD_LETTER.length
/** What a broker answers when a client may not create topics, or not such ones. */
const NOT_FOR_US: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
])

/** Creates the topics that are missing, so that they have the partitions asked for. */
export class KafkaTopics {
  readonly #client: KafkaClient
  readonly #partitions: number
  readonly #logger: Logger
  readonly #known = new Set<string>()

  constructor(client: KafkaClient, partitions: number, logger: Logger) {
    this.#client = client
    this.#partitions = partitions
    this.#logger = logger
  }

  /** @throws what kafkajs throws where Kafka cannot be had. */
  async ensure(topics: readonly string[]): Promise<void> {
    if (topics.every((topic) => this.#known.has(topic))) return
    await this.#client.withAdmin(async (admin) => {
      const existing = new Set(await admin.listTopics())
      const missing = [...new Set(topics)].filter((topic) => !existing.has(topic))
      if (missing.length > 0) {
        await admin
          .createTopics({
            waitForLeaders: true,
            topics: missing.map((topic) => ({
              topic,
              numPartitions: this.#partitions,
              replicationFactor: -1,
            })),
          })
          .catch((error: unknown) => this.#passOver(error))
      }
    })
    for (const topic of topics) this.#known.add(topic)
  }

  /** Looks for the topics again at the next `ensure`: after trouble, one may have been deleted. */
  forget(): void {
    this.#known.clear()
  }

  #passOver(error: unknown): void {
    const refusals = refusalsIn(error)
    const serious = refusals.filter(({ type }) => type !== 'TOPIC_ALREADY_EXISTS')
    if (refusals.length === 0 || serious.some(({ type }) => !NOT_FOR_US.has(type ?? ''))) throw error
    for (const { topic, type } of serious) {
      this.#logger.warn(`The Kafka topic ${topic} is missing, and this client may not create it (${type})`)
    }
  }
}

export function deadLetterTopicOf(topic: string): string {
  return topic + DEAD_LETTER
}

/** @throws CacheError `E_CACHE_BUS` for a name that Kafka would refuse. */
export function checkTopicName(topic: unknown, where: string): void {
  const isName = typeof topic === 'string' && /^[A-Za-z0-9._-]+$/.test(topic) && !/^\.{1,2}$/.test(topic)
  if (isName && topic.length <= LONGEST_NAME) return
  throw new CacheError('E_CACHE_BUS', {
    where,
    problem: `'${String(topic)}' cannot be the name of a Kafka topic`,
    mend: `Use letters, digits and . _ - alone, ${LONGEST_NAME} of them at most.`,
  })
}

interface Refusal {
  readonly type?: string
  readonly topic?: string
}

function refusalsIn(error: unknown): readonly Refusal[] {
  const errors: unknown = error instanceof Error && 'errors' in error ? error.errors : undefined
  return Array.isArray(errors) ? errors : []
}
