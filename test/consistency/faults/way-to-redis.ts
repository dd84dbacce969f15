import { connect, type Socket } from 'node:net'
import { AbstractConnector, type RedisOptions } from 'ioredis'

/** Where nobody listens. */
const NOWHERE = 1
const DISCONNECT_TIMEOUT_MS = 2_000

interface Endpoint {
  readonly host: string
  readonly port: number
}

/**
 * The way of one process to its Redis, which can be cut for it alone. There is no proxy on it: a sleeping Redis finds
 * what the processes sent in the order in which they did.
 */
export class WayToRedis {
  readonly #sockets = new Set<Socket>()
  #isBroken = false

  /** Cuts what is open, and refuses what comes. */
  break(): void {
    this.#isBroken = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isBroken = false
  }

  /** For the option `Connector` of an ioredis client. */
  get Connector(): NonNullable<RedisOptions['Connector']> {
    const open = (to: Endpoint): Socket => this.#open(to)
    return class extends AbstractConnector {
      readonly #to: Endpoint

      constructor(options: unknown) {
        super(DISCONNECT_TIMEOUT_MS)
        this.#to = options as Endpoint
      }

      async connect(): Promise<Socket> {
        this.connecting = true
        const socket = open(this.#to)
        this.stream = socket
        return socket
      }
    }
  }

  #open({ host, port }: Endpoint): Socket {
    const socket = connect({ host, port: this.#isBroken ? NOWHERE : port })
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}
