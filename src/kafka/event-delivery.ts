import { ExponentialBackoff, type IBackoff } from 'cockatiel'
import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import type { BusEvent } from '../events/bus.js'
import { faultOf } from '../events/check-event.js'
import type { EventCatalogue } from '../events/event-catalogue.js'
import type { Logger } from '../logger.js'
import { reasonOf } from '../tools/reason-of.js'
import type { DeadLetters, Place } from './dead-letters.js'
import type { Subscriber } from './subscriber.js'

export interface EventDeliveryOptions {
  readonly events: EventCatalogue | undefined
  readonly logger: Logger
  readonly attempts: number
  readonly initialDelayMs: number
  readonly maxDelayMs: number
  /** None where every process hears the event: each would write one. */
  readonly deadLetters: DeadLetters | null
  readonly subscribersOf: (topic: string) => ReadonlySet<Subscriber>
  readonly onHandled: (place: Place) => void
}

/** What is still to be done for the next event of a partition. */
interface Trouble {
  readonly offset: string
  readonly timestamp: string
  /** Who has not handled it yet. */
  left: ReadonlySet<Subscriber>
  failures: number
  backoff: IBackoff<unknown>
  dueAt: number
  /** Set once no handler will be run for it any more: the reason, as the dead letter says it. */
  deadBecause: string | undefined
}

/** A handler may take longer than a session with Kafka lasts. */
const HEARTBEAT_MS = 1_000

/**
 * Hands the messages of a partition to the subscribers, one after the other. The offset goes on only once all of them
 * have handled an event, or it lies in the dead-letter topic.
 *
 * While an event waits to be tried again its partition is paused and nothing is held up by it: neither other
 * partitions, nor the group when it distributes its partitions anew, nor the end of the bus.
 */
export class EventDelivery {
  readonly #options: EventDeliveryOptions
  readonly #troubles = new Map<string, Trouble>()
  readonly #backoffs: ExponentialBackoff<[number, number]>

  constructor(options: EventDeliveryOptions) {
    this.#options = options
    this.#backoffs = new ExponentialBackoff({
      initialDelay: options.initialDelayMs,
      maxDelay: options.maxDelayMs,
    })
  }

  async handleBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload
    for (const message of batch.messages) {
      const place = { topic: batch.topic, partition: batch.partition, offset: message.offset }
      const isHeard = this.#options.subscribersOf(place.topic).size > 0
      if (!isRunning() || isStale() || !isHeard || this.#isNotDue(place, message, payload)) return
      const result = await withHeartbeats(heartbeat, () => this.#deliver(place, message))
      if (result === 'again') this.#isNotDue(place, message, payload)
      if (result !== 'done') return
      resolveOffset(message.offset)
      this.#options.onHandled(place)
      // It rejects when the group is distributed anew, for instance: kafkajs commits what was resolved, and joins again.
      await heartbeat()
      await payload.commitOffsetsIfNecessary()
    }
  }

  /** Whether a message has to wait, which its partition does then. */
  #isNotDue(place: Place, message: KafkaMessage, { pause }: EachBatchPayload): boolean {
    const trouble = this.#troubleWith(place, message)
    const waitMs = trouble ? trouble.dueAt - performance.now() : 0
    if (waitMs <= 0) return false
    // The connection, not this timer, keeps the process alive.
    setTimeout(pause(), Math.ceil(waitMs)).unref()
    return true
  }

  async #deliver(place: Place, message: KafkaMessage): Promise<'done' | 'again' | 'unfinished'> {
    const trouble = this.#troubleWith(place, message)
    if (trouble?.deadBecause !== undefined) return this.#bury(place, message, trouble.deadBecause)
    const event = parsed(message)
    const fault = event === undefined ? 'it is no JSON' : await this.#faultOf(place.topic, event)
    if (fault !== undefined) return this.#setAside(place, message, fault)

    const subscribers = this.#options.subscribersOf(place.topic)
    const asked = [...(trouble?.left ?? subscribers)].filter((subscriber) => subscribers.has(subscriber))
    const results = await Promise.allSettled(asked.map((subscriber) => subscriber.handle(event as BusEvent)))
    const failed = asked.filter((_, index) => results[index]?.status === 'rejected')
    if (failed.length === 0) {
      const isGone = results.some((result) => result.status === 'fulfilled' && result.value === 'gone')
      if (isGone && this.#options.subscribersOf(place.topic).size === 0) return 'unfinished'
      this.#troubles.delete(keyOf(place))
      return 'done'
    }

    const reason = results
      .flatMap((one) => (one.status === 'rejected' ? [reasonOf(one.reason)] : []))
      .join('; ')
    const { failures } = this.#note(place, message, new Set(failed))
    const what = `${(event as BusEvent).eventType} ${textOf(place)}`
    if (failures >= this.#options.attempts) {
      return this.#setAside(place, message, `its handler failed in each of ${failures} runs: ${reason}`)
    }
    if (failures === 1) this.#options.logger.warn(`A handler of ${what} failed, and is run again: ${reason}`)
    return 'again'
  }

  #faultOf(topic: string, event: unknown): Promise<string | undefined> {
    return faultOf(topic, event, this.#options.events)
  }

  #setAside(place: Place, message: KafkaMessage, reason: string): Promise<'done' | 'again'> {
    const where = this.#options.deadLetters ? 'goes to the dead-letter topic' : 'is passed over'
    this.#options.logger.error(`The event ${textOf(place)} ${where}: ${reason}`)
    return this.#bury(place, message, reason)
  }

  async #bury(place: Place, message: KafkaMessage, reason: string): Promise<'done' | 'again'> {
    try {
      await this.#options.deadLetters?.bury(message, place, reason)
      this.#troubles.delete(keyOf(place))
      return 'done'
    } catch (error) {
      this.#note(place, message, new Set()).deadBecause = reason
      this.#options.logger.warn(`The event ${textOf(place)} could not be put there yet: ${reasonOf(error)}`)
      return 'again'
    }
  }

  /** Notes one more failure, and when to try again. */
  #note(place: Place, message: KafkaMessage, left: ReadonlySet<Subscriber>): Trouble {
    const known = this.#troubleWith(place, message)
    const backoff = known ? known.backoff.next(undefined) : this.#backoffs.next()
    const trouble: Trouble = {
      offset: message.offset,
      timestamp: message.timestamp,
      left,
      failures: (known?.failures ?? 0) + 1,
      backoff,
      dueAt: performance.now() + backoff.duration,
      deadBecause: known?.deadBecause,
    }
    this.#troubles.set(keyOf(place), trouble)
    return trouble
  }

  /** None for another message: other processes may have had the partition meanwhile, or the topic is a new one. */
  #troubleWith(place: Place, { offset, timestamp }: KafkaMessage): Trouble | undefined {
    const trouble = this.#troubles.get(keyOf(place))
    return trouble?.offset === offset && trouble.timestamp === timestamp ? trouble : undefined
  }
}

/** Keeps the session alive meanwhile. What goes wrong with that shows in the heartbeat after it. */
async function withHeartbeats<T>(heartbeat: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const beating = setInterval(() => {
    heartbeat().catch(() => {})
  }, HEARTBEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(beating)
  }
}

function parsed({ value }: KafkaMessage): unknown {
  try {
    return JSON.parse(String(value))
  } catch {
    return undefined
  }
}

function keyOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`
}

function textOf({ topic, partition, offset }: Place): string {
  return `on ${topic} (partition ${partition}, offset ${offset})`
}
