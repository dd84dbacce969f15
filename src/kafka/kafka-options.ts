import type { KafkaConfig } from 'kafkajs'
import type { EventCatalogue } from '../events/event-catalogue.js'
import { type Logger, quietLogger } from '../logger.js'
import { knownOptions, positive, shown, usableLogger, wrongOption } from '../tools/check-values.js'

/** Options of `createKafkaBus`. */
export interface KafkaBusOptions {
  /** Where to find Kafka: `['kafka-1:9092', 'kafka-2:9092']`. Some of its brokers are enough. */
  readonly brokers: readonly string[]
  /** Who publishes and hears, in Kafka's own logs. @defaultValue the groupId */
  readonly clientId?: string | undefined
  /** The service: of all processes with the same groupId, one handles an event. */
  readonly groupId: string
  /** What may be published and is handled; without it, anything that is an event. */
  readonly events?: EventCatalogue | undefined
  /** Where log lines go. @defaultValue warnings and errors on the console */
  readonly logger?: Logger | undefined
  /** How many partitions the topics get that do not exist yet. @defaultValue 3 */
  readonly partitions?: number | undefined
  /** How often a handler that rejects is run before the event goes to the dead-letter topic. */
  readonly retry?: KafkaRetryOptions | undefined
  /** As of kafkajs: `true`, or options of Node's `tls.connect`. */
  readonly ssl?: KafkaConfig['ssl'] | undefined
  /** As of kafkajs: `{ mechanism: 'scram-sha-512', username, password }`. */
  readonly sasl?: KafkaConfig['sasl'] | undefined
}

export interface KafkaRetryOptions {
  /** Runs in all, the first included. @defaultValue 10 */
  readonly attempts?: number | undefined
  /** About how long until the second run; the time doubles with each. @defaultValue 100 */
  readonly initialDelayMs?: number | undefined
  /** @defaultValue 30000 */
  readonly maxDelayMs?: number | undefined
}

/** Options, checked and complete. */
export interface ResolvedKafkaOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly groupId: string
  readonly events: EventCatalogue | undefined
  readonly logger: Logger
  readonly partitions: number
  readonly attempts: number
  readonly initialDelayMs: number
  readonly maxDelayMs: number
  readonly ssl: KafkaConfig['ssl'] | undefined
  readonly sasl: KafkaConfig['sasl'] | undefined
}

const WHERE = 'createKafkaBus()'
const EXAMPLE = `createKafkaBus({ brokers: ['localhost:9092'], groupId: 'customer-service' })`
/** Kafka keeps it in 32 bits, and far fewer are sensible. */
const MOST_PARTITIONS = 10_000
const LONGEST_DELAY_MS = 2 ** 31 - 1
const KNOWN = new Set<keyof KafkaBusOptions>([
  'brokers',
  'clientId',
  'groupId',
  'events',
  'logger',
  'partitions',
  'retry',
  'ssl',
  'sasl',
])
const KNOWN_OF_RETRY = new Set<keyof KafkaRetryOptions>(['attempts', 'initialDelayMs', 'maxDelayMs'])

/** @throws CacheError `E_CACHE_OPTION`. */
export function resolveKafkaOptions(options: KafkaBusOptions): ResolvedKafkaOptions {
  knownOptions(WHERE, options, KNOWN, `Write ${EXAMPLE}.`)
  const { events, logger = quietLogger, partitions = 3, retry = {}, ssl, sasl } = options
  knownOptions(`${WHERE} retry`, retry, KNOWN_OF_RETRY, 'Write retry: { attempts: 10 }.')
  if (events !== undefined && (typeof events !== 'object' || events === null)) {
    throw wrongOption(
      WHERE,
      'events is no catalogue',
      `Write events: { 'user.events': { USER_CREATED: true } }.`,
    )
  }
  const groupId = name('groupId', options.groupId)
  const count = (option: keyof KafkaRetryOptions, value: number, most: number) =>
    positive(`${WHERE} retry`, option, value, most)
  return {
    brokers: brokersOf(options.brokers),
    clientId: options.clientId === undefined ? groupId : name('clientId', options.clientId),
    groupId,
    events,
    logger: usableLogger(WHERE, logger),
    partitions: positive(WHERE, 'partitions', partitions, MOST_PARTITIONS),
    attempts: count('attempts', retry.attempts ?? 10, Number.MAX_SAFE_INTEGER),
    initialDelayMs: count('initialDelayMs', retry.initialDelayMs ?? 100, LONGEST_DELAY_MS),
    maxDelayMs: count('maxDelayMs', retry.maxDelayMs ?? 30_000, LONGEST_DELAY_MS),
    ssl,
    sasl,
  }
}

function brokersOf(brokers: unknown): readonly string[] {
  const isAddress = (broker: unknown) => typeof broker === 'string' && /^[^:\s/]+:\d{1,5}$/.test(broker)
  if (Array.isArray(brokers) && brokers.length > 0 && brokers.every(isAddress)) return [...brokers]
  const given = Array.isArray(brokers) ? `[${brokers.map(shown).join(', ')}]` : shown(brokers)
  throw wrongOption(WHERE, `brokers is ${given}`, `Give a list of host:port, such as ['localhost:9092'].`)
}

function name(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw wrongOption(WHERE, `${option} is ${shown(value)}`, `Write ${EXAMPLE}.`)
}
