import { FirstConnection } from './first-connection.js'
import { type CommandOptions, NodeRedisCommands, type Word } from './node-redis-commands.js'
import type { ClientListeners } from './store-client.js'
import { UnsentCommands } from './unsent-commands.js'

/** What `createClient` of node-redis gives, as far as it is used here. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly options?: {
    readonly RESP?: number
    readonly database?: number
    readonly disableOfflineQueue?: boolean
    readonly socket?: { readonly host?: string; readonly port?: number; readonly path?: string }
  }
  /** Since version 6. */
  readonly _keyPrefix?: string
  connect(): Promise<unknown>
  close(): Promise<unknown>
  destroy(): void
  sendCommand(words: readonly Word[], options: CommandOptions): Promise<unknown>
  subscribe(channels: readonly string[], listener: MessageListener): Promise<unknown>
  unsubscribe(channels: readonly string[], listener: MessageListener): Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: listeners of all events.
  on(event: string, listener: (...args: any[]) => void): unknown
  // biome-ignore lint/suspicious/noExplicitAny: listeners of all events.
  off(event: string, listener: (...args: any[]) => void): unknown
}

export type MessageListener = (text: string, channel: string) => void

/** A client of node-redis: one connection, which it makes again by itself. */
export class NodeRedisAdapter extends NodeRedisCommands {
  readonly isCluster = false
  readonly #client: NodeRedisClient
  readonly #first: FirstConnection
  readonly #unsent: UnsentCommands | null
  #isUp: boolean
  #hasFailed = false
  #onMessage: MessageListener = () => {}

  constructor(client: NodeRedisClient) {
    super()
    this.#client = client
    this.#first = new FirstConnection(client)
    this.#unsent = client.options?.disableOfflineQueue ? null : new UnsentCommands()
    this.#isUp = client.isReady
    this.sendUntil(this.#unsent?.signal)
  }

  get status(): string {
    if (this.#client.isReady) return 'ready'
    if (this.#client.isOpen) return this.#hasFailed ? 'reconnecting' : 'connecting'
    return this.#first.isDue ? 'wait' : 'end'
  }

  get isReady(): boolean {
    return this.#client.isReady
  }

  get isConnecting(): boolean {
    return !this.#client.isReady && !this.#hasFailed && (this.#client.isOpen || this.#first.isDue)
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

  get keyPrefix(): string {
    return String(this.#client._keyPrefix ?? '')
  }

  listen(listeners: ClientListeners): () => void {
    const client = this.#client
    this.#first.onTrouble = listeners.trouble
    this.#onMessage = (text, channel) => listeners.message(channel, text)
    const goDown = () => {
      if (!this.#isUp) return
      this.#isUp = false
      this.#unsent?.takeBack()
      this.sendUntil(this.#unsent?.signal)
      listeners.lost()
    }
    const handlers: readonly (readonly [string, (error: unknown) => void])[] = [
      // The socket is a new one, whatever has become of the one before.
      ['connect', goDown],
      [
        'ready',
        () => {
          this.#first.isOver()
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
    ]
    for (const [event, handler] of handlers) client.on(event, handler)
    return () => {
      for (const [event, handler] of handlers) client.off(event, handler)
    }
  }

  connect(): void {
    this.#first.make()
  }

  quit(): Promise<unknown> {
    return this.#client.close()
  }

  destroy(): void {
    this.#client.destroy()
  }

  subscribe(channels: readonly string[]): Promise<unknown> {
    return this.#client.subscribe(channels, this.#onMessage)
  }

  unsubscribe(channels: readonly string[]): Promise<unknown> {
    return this.#client.unsubscribe(channels, this.#onMessage)
  }

  protected send(_key: string | null, words: readonly Word[], options: CommandOptions): Promise<unknown> {
    return this.#client.sendCommand(words, options)
  }
}
