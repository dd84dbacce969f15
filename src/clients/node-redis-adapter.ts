import {
  type CommandOptions,
  NodeRedisCommands,
  type NodeRedisConnection,
  type Word,
} from './node-redis-commands.js'
import type { ClientListeners } from './store-client.js'
import { UnsentCommands } from './unsent-commands.js'

/** What `createClient` of node-redis gives, as far as it is used here. */
export interface NodeRedisClient extends NodeRedisConnection {
  readonly isReady: boolean
  readonly options?: {
    readonly RESP?: number
    readonly database?: number
    readonly disableOfflineQueue?: boolean
    readonly socket?: { readonly host?: string; readonly port?: number; readonly path?: string }
  }
  sendCommand(words: readonly Word[], options: CommandOptions): Promise<unknown>
}

/** A client of node-redis: one connection, which it makes again by itself. */
export class NodeRedisAdapter extends NodeRedisCommands {
  readonly isCluster = false
  readonly #client: NodeRedisClient
  readonly #unsent: UnsentCommands | null
  #isUp: boolean
  #hasFailed = false

  constructor(client: NodeRedisClient) {
    super(client)
    this.#client = client
    this.#unsent = client.options?.disableOfflineQueue ? null : new UnsentCommands()
    this.#isUp = client.isReady
    this.sendUntil(this.#unsent?.signal)
  }

  get status(): string {
    if (this.#client.isReady) return 'ready'
    if (this.#client.isOpen) return this.#hasFailed ? 'reconnecting' : 'connecting'
    return this.first.isDue ? 'wait' : 'end'
  }

  get isReady(): boolean {
    return this.#client.isReady
  }

  get isConnecting(): boolean {
    return !this.#client.isReady && !this.#hasFailed && (this.#client.isOpen || this.first.isDue)
  }

  /** Version 6 does unless it is told otherwise; of the two it alone has CLIENT UNBLOCK. */
  get speaksResp3(): boolean {
    return (this.#client.options?.RESP ?? ('clientUnblock' in this.#client ? 3 : 2)) === 3
  }

  get canSubscribe(): boolean {
    return this.speaksResp3
  }

  get database(): number {
    return this.#client.options?.database ?? 0
  }

  get identity(): unknown {
    const { path, host = 'localhost', port = 6379 } = this.#client.options?.socket ?? {}
    return [path ?? `${host}:${port}`, this.database].join('/')
  }

  listen(listeners: ClientListeners): () => void {
    const client = this.#client
    this.first.onTrouble = listeners.trouble
    const goDown = () => {
      if (!this.#isUp) return
      this.#isUp = false
      this.#unsent?.takeBack()
      this.sendUntil(this.#unsent?.signal)
      listeners.lost()
    }
    return this.hear(listeners, [
      // The socket is a new one, whatever has become of the one before.
      ['connect', goDown],
      [
        'ready',
        () => {
          this.first.isOver()
          this.#isUp = true
          this.#hasFailed = false
          listeners.ready()
        },
      ],
      [
        'error',
        (error) => {
          if (!client.isReady) {
            this.#hasFailed = true
            goDown()
          }
          listeners.trouble(error)
        },
      ],
      ['end', goDown],
    ])
  }

  protected send(_key: string | null, words: readonly Word[], options: CommandOptions): Promise<unknown> {
    return this.#client.sendCommand(words, options)
  }
}
