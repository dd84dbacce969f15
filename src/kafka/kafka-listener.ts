import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { ExponentialBackoff } from 'cockatiel'
import type { Consumer } from 'kafkajs'
import type { BusHandler, Delivery, Subscription } from '../events/bus.js'
import type { Logger } from '../logger.js'
import { deferred } from '../tools/deferred.js'
import { reasonOf } from '../tools/reason-of.js'
import { withinDeadline } from '../tools/within-deadline.js'
import { EventDelivery, type EventDeliveryOptions } from './event-delivery.js'
import type { KafkaClient } from './kafka-client.js'
import type { KafkaTopics } from './kafka-topics.js'
import { Positions } from './positions.js'
import { Subscriber } from './subscriber.js'

export interface KafkaListenerOptions extends Omit<EventDeliveryOptions, 'subscribersOf' | 'onHandled'> {
  readonly client: KafkaClient
  readonly topics: KafkaTopics
  readonly groupId: string
  readonly delivery: Delivery
}

/** Partitions whose events are handled at the same time. */
const PARTITIONS_AT_ONCE = 16
/**
 * A process that was killed keeps its partitions for so long, and one that Kafka could not take leave of in an outage
 * waits for so long after it. The least that brokers allow by default.
 */
const SESSION_MS = 6_000
const HEARTBEAT_MS = 2_000
/** How long a request for new events stays open; also how soon a member hears of others that come and go. */
const FETCH_WAIT_MS = 500
const COMMIT_EVERY_MS = 1_000
const RECONNECT = new ExponentialBackoff({ initialDelay: 200, maxDelay: 2_000 })
const LEAVE_DEADLINE_MS = 2_000

/**
 * Keeps one consumer in a group, for all topics together: kafkajs gives any topic's partitions to any member. It begins
 * anew when topics come or go, and for ever when the consumer ends by itself.
 */
export class KafkaListener {
  readonly #options: KafkaListenerOptions
  readonly #logger: Logger
  readonly #subscribers = new Map<string, Set<Subscriber>>()
  readonly #delivery: EventDelivery
  /** Where every process keeps for itself how far it is; otherwise Kafka does for the group. */
  readonly #positions: Positions | null
  readonly #ending = new AbortController()
  #running: Promise<void> | null = null
  /** Resolved when topics come or go, which ends the running consumer. */
  #changed = deferred<void>()
  #hasWarned = false

  constructor(options: KafkaListenerOptions) {
    this.#options = options
    this.#logger = options.logger
    this.#positions = options.delivery === 'every-process' ? new Positions(options.client) : null
    this.#delivery = new EventDelivery({
      ...options,
      subscribersOf: (topic) => this.#subscribers.get(topic) ?? new Set(),
      onHandled: (place) => this.#positions?.passed(place),
    })
  }

  subscribe(topic: string, handler: BusHandler, onGap: (() => Promise<void>) | undefined): Subscription {
    const subscriber = new Subscriber(handler, onGap, this.#logger)
    const ofTopic = this.#subscribers.get(topic)
    if (ofTopic) {
      ofTopic.add(subscriber)
      subscriber.makeUpForGap()
    } else {
      this.#subscribers.set(topic, new Set([subscriber]))
      this.#changed.resolve()
    }
    this.#running ??= this.#run()
    return { close: () => this.#leave(topic, subscriber) }
  }

  /** Waits a moment for the handlers that run, and leaves the group. */
  async close(): Promise<void> {
    this.#ending.abort()
    const all = [...this.#subscribers].flatMap(([topic, ofTopic]) =>
      [...ofTopic].map((one) => ({ topic, one })),
    )
    await Promise.all(all.map(({ topic, one }) => this.#leave(topic, one)))
    this.#changed.resolve()
    if (this.#running) await withinDeadline(this.#running, LEAVE_DEADLINE_MS)
  }

  async #leave(topic: string, subscriber: Subscriber): Promise<void> {
    const ofTopic = this.#subscribers.get(topic)
    ofTopic?.delete(subscriber)
    if (ofTopic?.size === 0) {
      this.#subscribers.delete(topic)
      this.#changed.resolve()
    }
    await subscriber.leave()
  }

  async #run(): Promise<void> {
    let backoff = RECONNECT.next()
    while (!this.#ending.signal.aborted) {
      try {
        await this.#consume(() => {
          backoff = RECONNECT.next()
        })
      } catch (error) {
        this.#warnOfTrouble(error)
        this.#options.topics.forget()
        await Promise.race([
          sleep(backoff.duration, undefined, { signal: this.#ending.signal }),
          this.#changed.promise,
        ]).catch(() => {})
        backoff = backoff.next(undefined)
      }
    }
  }

  /** Until the topics change. @throws what made the consumer end. */
  async #consume(onJoined: () => void): Promise<void> {
    // Subscriptions that are made together begin together.
    await nextTurn()
    this.#changed = deferred()
    const topics = [...this.#subscribers.keys()]
    if (this.#ending.signal.aborted) return
    if (topics.length === 0) return this.#changed.promise

    await this.#options.topics.ensure(topics)
    await this.#positions?.begin(topics)
    const consumer = this.#options.client.open().consumer({
      groupId: this.#groupId(),
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      // Whatever ends a consumer, this class begins anew; kafkajs does so after some errors only.
      retry: { restartOnFailure: async () => false },
    })
    const crashed = crashOf(consumer)
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#positions?.restore(consumer, payload.memberAssignment)
      for (const ofTopic of this.#subscribers.values()) {
        for (const subscriber of ofTopic) subscriber.makeUpForGap()
      }
      onJoined()
      this.#logRecovery()
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topics, fromBeginning: true })
      await consumer.run({
        ...(this.#positions ? { autoCommit: false } : { autoCommitInterval: COMMIT_EVERY_MS }),
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.#delivery.handleBatch(payload),
      })
      await Promise.race([crashed, this.#changed.promise])
    } finally {
      await consumer.disconnect().catch(() => {})
    }
  }

  /**
   * Where every process hears all, each consumer has a group of its own, so that it need not wait for the session of the
   * one before it to end. It commits nothing there, so the broker forgets the group by itself.
   */
  #groupId(): string {
    const { groupId } = this.#options
    return this.#positions ? `${groupId}.${randomUUID()}` : groupId
  }

  #warnOfTrouble(error: unknown): void {
    if (this.#hasWarned || this.#ending.signal.aborted) return
    this.#hasWarned = true
    this.#logger.warn(`${this.#group()} cannot hear Kafka, and goes on trying: ${reasonOf(error)}`)
  }

  #group(): string {
    const { groupId, delivery } = this.#options
    return `The group ${groupId}${delivery === 'once' ? '' : ' (of every process)'}`
  }

  #logRecovery(): void {
    if (this.#hasWarned) this.#logger.info(`${this.#group()} hears Kafka again`)
    this.#hasWarned = false
  }
}

/** Rejects when the consumer ends by itself. */
function crashOf(consumer: Consumer): Promise<never> {
  const crashed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
  })
  crashed.catch(() => {})
  return crashed
}
