import { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Admin, ISocketFactory, Kafka, LogEntry, RetryOptions } from 'kafkajs'
import kafkajs from 'kafkajs'
import type { Logger } from '../logger.js'
import type { ResolvedKafkaOptions } from './kafka-options.js'

const CONNECT_TIMEOUT_MS = 3_000
const REQUEST_TIMEOUT_MS = 10_000
/** Two to three seconds in all; after that the caller decides. */
const RETRY: RetryOptions = {
  initialRetryTime: 100,
  factor: 0.2,
  multiplier: 2,
  retries: 5,
  maxRetryTime: 1_000,
}
/** The part of kafkajs whose warnings say what the bus itself does not log, such as offsets that are gone. */
const WORTH_A_WARNING = 'ConsumerGroup'

/** The way to Kafka: makes clients of kafkajs, and ends all their connections. */
export class KafkaClient {
  readonly #options: ResolvedKafkaOptions
  readonly #sockets = new Set<Socket>()
  #isDestroyed = false

  constructor(options: ResolvedKafkaOptions) {
    this.#options = options
  }

  /** A new one for each use: kafkajs keeps offsets and brokers in it, right or wrong, after trouble too. */
  open(): Kafka {
    const { brokers, clientId, ssl, sasl, logger } = this.#options
    return new kafkajs.Kafka({
      brokers: [...brokers],
      clientId,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry: RETRY,
      socketFactory: this.#socket,
      logLevel: kafkajs.logLevel.INFO,
      logCreator: () => (entry) => passOn(logger, entry),
    })
  }

  async withAdmin<T>(act: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.open().admin()
    try {
      await admin.connect()
      return await act(admin)
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  /** Ends every connection, also those that kafkajs would still open in an attempt of its own. */
  destroy(): void {
    this.#isDestroyed = true
    for (const socket of this.#sockets) socket.destroy()
  }

  readonly #socket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    if (this.#isDestroyed) return new Socket().destroy(new Error('the bus is closed'))
    const socket = ssl ? connectTls({ host, port, servername: host, ...ssl }, onConnect) : new Socket()
    if (!ssl) socket.connect({ host, port }, onConnect)
    socket.setKeepAlive(true, 60_000)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}

/** kafkajs warns of each connection that breaks, and makes it again; the bus logs what comes of it. */
function passOn(logger: Logger, { namespace, level, log }: LogEntry): void {
  const line = `kafkajs ${namespace}: ${log.message}`
  if (level <= kafkajs.logLevel.WARN && namespace === WORTH_A_WARNING) logger.warn(line)
  else logger.debug(line)
}
