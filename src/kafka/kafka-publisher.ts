import type { Message, Producer } from 'kafkajs'
import { CacheError } from '../errors.js'
import { type Deferred, deferred } from '../tools/deferred.js'
import { reasonOf } from '../tools/reason-of.js'
import { LATE, withinDeadline } from '../tools/within-deadline.js'
import type { KafkaClient } from './kafka-client.js'
import type { KafkaTopics } from './kafka-topics.js'
import { stablePartitioner } from './stable-partitioner.js'

/** Longer than a broker takes to start again or to hand over its partitions. */
const PUBLISH_DEADLINE_MS = 10_000
const PAUSE_MS = 100
const CLOSE_DEADLINE_MS = 2_000
/** Brokers refuse batches of more than a megabyte by default, and the messages of one partition are a batch. */
const BATCH_BYTES = 512 * 1024

const MENDED_BY_NEW_PRODUCER: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
])

interface Publication {
  readonly topic: string
  readonly message: Message
  readonly bytes: number
  readonly outcome: Deferred<'acknowledged' | 'refused'>
  /** What went wrong when it was last tried. */
  trouble: unknown
  isGivenUp: boolean
}

/**
 * Sends messages one batch after the other: in the order in which they were handed over, and with the sequence
 * numbers of one idempotent producer, so that a batch that is sent again is written once.
 */
export class KafkaPublisher {
  readonly #client: KafkaClient
  readonly #topics: KafkaTopics
  readonly #waiting: Publication[] = []
  #sending: Promise<void> | null = null
  #producer: Producer | null = null
  /** How many of those that wait are sent in a batch of their own, since one of them has been refused. */
  #singles = 0
  #isClosed = false

  constructor(client: KafkaClient, topics: KafkaTopics) {
    this.#client = client
    this.#topics = topics
  }

  /**
   * Resolves once all replicas in sync have the message. Until then it is tried again, for ten seconds.
   *
   * @throws CacheError `E_CACHE_BUS` if it was refused, or not acknowledged in time. It may have been written then.
   */
  async publish(topic: string, message: Message): Promise<void> {
    if (this.#isClosed) throw notTaken(topic, 'the bus is closed')
    const publication = publicationOf(topic, message)
    this.#waiting.push(publication)
    this.#sending ??= this.#sendAll()
    const outcome = await withinDeadline(publication.outcome.promise, PUBLISH_DEADLINE_MS)
    if (outcome === LATE) publication.isGivenUp = true
    if (outcome === 'acknowledged') return
    const { trouble } = publication
    const reason = trouble === undefined ? 'nothing was acknowledged in time' : reasonOf(trouble)
    throw notTaken(topic, reason, trouble)
  }

  /** Waits a moment for what is being sent. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#sending) await withinDeadline(this.#sending, CLOSE_DEADLINE_MS)
    for (const publication of this.#waiting.splice(0)) publication.outcome.resolve('refused')
    // Requests that Kafka does not answer are waited for by kafkajs, but not here.
    await withinDeadline(this.#dropProducer(), CLOSE_DEADLINE_MS)
  }

  async #sendAll(): Promise<void> {
    for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
      try {
        await this.#send(batch)
        for (const publication of batch) publication.outcome.resolve('acknowledged')
      } catch (error) {
        for (const publication of batch) publication.trouble = error
        if (this.#isClosed || (isFinal(error) && batch.length === 1)) {
          for (const publication of batch) publication.outcome.resolve('refused')
        } else {
          this.#waiting.unshift(...batch)
          // One of them was refused, and the others are not to blame.
          if (isFinal(error)) this.#singles = batch.length + 1
        }
        this.#topics.forget()
        // kafkajs does not get over everything: what it knows of brokers and sequences may be wrong now.
        await this.#dropProducer()
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
    // At once after the last look, so that no publication falls in between.
    this.#sending = null
  }

  #nextBatch(): Publication[] {
    this.#singles = Math.max(0, this.#singles - 1)
    const batch: Publication[] = []
    let bytes = 0
    for (;;) {
      const next = this.#waiting[0]
      if (!next) return batch
      const isFull = batch.length > 0 && (this.#singles > 0 || bytes + next.bytes > BATCH_BYTES)
      if (isFull) return batch
      this.#waiting.shift()
      if (next.isGivenUp) continue
      batch.push(next)
      bytes += next.bytes
    }
  }

  async #send(batch: readonly Publication[]): Promise<void> {
    const topics = [...new Set(batch.map(({ topic }) => topic))]
    await this.#topics.ensure(topics)
    this.#producer ??= await this.#openProducer()
    await this.#producer.sendBatch({
      acks: -1,
      topicMessages: topics.map((topic) => ({
        topic,
        messages: batch.filter((one) => one.topic === topic).map(({ message }) => message),
      })),
    })
  }

  async #openProducer(): Promise<Producer> {
    const producer = this.#client.open().producer({
      idempotent: true,
      createPartitioner: stablePartitioner,
    })
    try {
      await producer.connect()
      return producer
    } catch (error) {
      await producer.disconnect().catch(() => {})
      throw error
    }
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer
    this.#producer = null
    await producer?.disconnect().catch(() => {})
  }
}

function publicationOf(topic: string, message: Message): Publication {
  const bytes = Buffer.byteLength(message.value ?? '') + Buffer.byteLength(message.key ?? '')
  return { topic, message, bytes, outcome: deferred(), trouble: undefined, isGivenUp: false }
}

/** Whether a broker would refuse it again, such as a message that is too large. */
function isFinal(error: unknown): boolean {
  const { name, type, retriable, cause } = error as KafkaFailure
  if (cause !== undefined) return isFinal(cause)
  return name === 'KafkaJSProtocolError' && retriable === false && !MENDED_BY_NEW_PRODUCER.has(type ?? '')
}

interface KafkaFailure {
  readonly name?: string
  readonly type?: string
  readonly retriable?: boolean
  readonly cause?: unknown
}

function notTaken(topic: string, problem: string, cause?: unknown): CacheError {
  return new CacheError('E_CACHE_BUS', {
    where: `publish('${topic}')`,
    problem: `Kafka did not take the event: ${problem}`,
    mend: 'Publish it again with the same eventId, since it may have been written; an outbox does so by itself.',
    cause,
  })
}
