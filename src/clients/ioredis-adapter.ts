import type { Duplex } from 'node:stream'
import type { Cluster, Redis } from 'ioredis'
import { IoredisCommands } from './ioredis-commands.js'
import { IoredisMethods } from './ioredis-methods.js'
import type {
  ClientListeners,
  ScriptArgument,
  ScriptCommand,
  ScriptSender,
  StoreClient,
} from './store-client.js'

const CONNECTING: ReadonlySet<string> = new Set(['wait', 'connecting', 'connect'])

/** What ioredis keeps out of its types: its socket, of which a cluster has several, and what the server agreed to. */
type Inner = (Redis | Cluster) & {
  readonly stream?: Duplex
  readonly condition?: { readonly protocol?: number } | null
}

/** A `Redis` or `Cluster` of ioredis, or of iovalkey, which is made from ioredis 5. */
export class IoredisAdapter implements StoreClient {
  readonly #client: Inner
  readonly #sender: ScriptSender
  #trouble: (error: unknown) => void = () => {}

  constructor(client: Redis | Cluster) {
    this.#client = client
    // A cluster chooses a server for each command, which may not know the script.
    const own = client.isCluster ? null : IoredisCommands.of(client as Redis)
    this.#sender = own ?? new IoredisMethods(client)
  }

  get isCluster(): boolean {
    return this.#client.isCluster
  }

  get status(): string {
    return this.#client.status
  }

  get isReady(): boolean {
    return this.#client.status === 'ready'
  }

  get isConnecting(): boolean {
    return CONNECTING.has(this.#client.status)
  }

  get speaksResp3(): boolean {
    return (this.#options as { protocol?: number }).protocol === 3
  }

  /** A cluster has a connection of its own for messages; a single client gets them on its only one since RESP3. */
  get canSubscribe(): boolean {
    return this.#client.isCluster || this.#client.condition?.protocol === 3
  }

  get database(): number {
    return Number(this.#options.db ?? 0)
  }

  get identity(): unknown {
    if (this.#client.isCluster) return this.#client
    const { path, host, port, sentinels, name } = this.#options
    return [sentinels ? name : (path ?? `${host}:${port}`), this.database].join('/')
  }

  get keyPrefix(): string {
    const { keyPrefix, redisOptions } = this.#options
    return keyPrefix || redisOptions?.keyPrefix || ''
  }

  get risk(): string | null {
    const { maxRetriesPerRequest, autoResendUnfulfilledCommands } = this.#options
    if (this.#client.isCluster || maxRetriesPerRequest === 0 || autoResendUnfulfilledCommands === false) {
      return null
    }
    return `with maxRetriesPerRequest: ${maxRetriesPerRequest} the client sends commands again after a reconnect, where they may overtake later evictions. Give it maxRetriesPerRequest: 0.`
  }

  listen({ ready, lost, trouble, message }: ClientListeners): () => void {
    const client = this.#client
    this.#trouble = trouble
    const failed = (error: unknown): void => {
      this.#hearLaterErrors()
      trouble(error)
    }
    const listeners = [
      ['ready', ready],
      ['close', lost],
      ['error', failed],
      ['message', message],
    ] as const
    for (const [event, listener] of listeners) client.on(event, listener)
    return () => {
      // The application may disconnect it in the same moment.
      this.#hearLaterErrors()
      for (const [event, listener] of listeners) client.off(event, listener)
    }
  }

  connect(): void {
    if (this.#client.status === 'wait') this.#client.connect().catch(this.#trouble)
  }

  quit(): Promise<unknown> {
    this.#hearLaterErrors()
    return this.#client.quit()
  }

  destroy(): void {
    this.#hearLaterErrors()
    this.#client.disconnect()
  }

  selectDatabase(): Promise<unknown> {
    return this.#client.select(this.database)
  }

  hold(): () => void {
    const { stream } = this.#client
    stream?.cork()
    return () => stream?.uncork()
  }

  /** It writes at once, and what was held back leaves with the turn in which this is called. */
  afterWriting(act: () => void): void {
    act()
  }

  define(script: ScriptCommand): void {
    this.#sender.define(script)
  }

  run(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    return this.#sender.run(script, args)
  }

  runIfKnown(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    return this.#sender.runIfKnown(script, args)
  }

  mgetBuffer(keys: readonly string[]): Promise<(Buffer | null)[]> {
    return this.#sender.mgetBuffer(keys)
  }

  info(): Promise<string> {
    return this.#client.info()
  }

  exists(key: string): Promise<number> {
    return this.#client.exists(key)
  }

  unlink(key: string): Promise<number> {
    return this.#client.unlink(key)
  }

  zrem(key: string, member: string): Promise<number> {
    return this.#client.zrem(key, member)
  }

  hdel(key: string, field: string): Promise<number> {
    return this.#client.hdel(key, field)
  }

  zrandmemberBuffer(key: string, count: number): Promise<Buffer[]> {
    return this.#client.zrandmemberBuffer(key, count)
  }

  publish(channel: string, text: string): Promise<unknown> {
    return this.#client.publish(channel, text)
  }

  subscribe(channels: readonly string[]): Promise<unknown> {
    return this.#client.subscribe(...channels)
  }

  unsubscribe(channels: readonly string[]): Promise<unknown> {
    return this.#client.unsubscribe(...channels)
  }

  /**
   * The client hears one error of its socket. One over TLS may have two, where the client has refused the certificate and
   * the server then says that it does not understand; and what nobody hears ends the process.
   */
  #hearLaterErrors(): void {
    // Once: a connection that stands may be in trouble many times.
    this.#client.stream?.off('error', ignore).on('error', ignore)
  }

  get #options(): OptionsOfBoth {
    return this.#client.options as OptionsOfBoth
  }
}

function ignore(): void {}

type OptionsOfBoth = Partial<Redis['options']> & { readonly redisOptions?: { readonly keyPrefix?: string } }
