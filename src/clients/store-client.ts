export type ScriptArgument = string | number | Buffer

/** What a client has to know of a script to run it. */
export interface ScriptCommand {
  /** Unlike that of any other script of the same client. */
  readonly command: string
  readonly lua: string
  readonly numberOfKeys: number
  /** Whether texts in the reply are buffers: for values and for keys, which may be any bytes. */
  readonly isBinary: boolean
}

/** Who hears of what becomes of a client's connection. */
export interface ClientListeners {
  /** From now on commands can be sent. */
  readonly ready: () => void
  /** The connection is lost, and with it what was under way; of a cluster, one of them. */
  readonly lost: () => void
  readonly trouble: (error: unknown) => void
  /** Something came on a channel that is subscribed to. */
  readonly message: (channel: string, text: string) => void
}

/** What is sent for hits and misses. */
export interface ScriptSender {
  /** Makes a script known, before it is run. */
  define(script: ScriptCommand): void
  /** @param args - First the keys, as many as the script has. */
  run(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown>
  /** The same, in its place among what else is sent; it rejects where the server does not know the script. */
  runIfKnown(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown>
  mgetBuffer(keys: readonly string[]): Promise<(Buffer | null)[]>
}

/**
 * All that the stores need of a client of Redis, of one server or of a cluster. An adapter gives it of each client that
 * applications have; nothing else knows them.
 *
 * What it sends, it sends once, on the connection that stands, and in order; it sends nothing again on the next one.
 * Replies are those of RESP2, also where the connection speaks RESP3: numbers, texts, lists and `null`.
 */
export interface StoreClient extends ScriptSender {
  readonly isCluster: boolean
  /** The client's own word for the state of its connection, for messages to people. */
  readonly status: string
  /** Whether commands can be sent. */
  readonly isReady: boolean
  /** Whether it is about to be ready, or to fail: for the first time, and not between two tries. */
  readonly isConnecting: boolean
  /** Whether messages come between the replies of its one connection; how it is set, not what the server has agreed to. */
  readonly speaksResp3: boolean
  /** Whether it can listen now, and send commands all the same. */
  readonly canSubscribe: boolean
  /** Which of the server's databases it is set to. */
  readonly database: number
  /** What clients of the same database have in common; a cluster is known by its client alone. */
  readonly identity: unknown
  /** What the client itself puts in front of keys. */
  readonly keyPrefix: string
  /** A setting by which what the cache promises is kept less well, with its mend; `null`, if there is none. */
  readonly risk: string | null

  /** Begins to listen, once. @returns A function that ends it. */
  listen(listeners: ClientListeners): () => void
  /** Connects a client that was never connected, if it is not under way. It fails as `trouble`. */
  connect(): void
  /** Ends the connection once what was sent is answered. */
  quit(): Promise<unknown>
  /** Ends the connection at once. */
  destroy(): void
  /** Makes the connection use its database, or fail: a client goes on with another one where a server has not that. */
  selectDatabase(): Promise<unknown>

  /** Keeps what is sent from leaving, so that it leaves together. @returns A function that lets it leave. */
  hold(): () => void
  /** Acts once what was sent before has been handed to the system. */
  afterWriting(act: () => void): void

  /** What the server says of itself; of a cluster, one of its servers. */
  info(): Promise<string>
  exists(key: string): Promise<number>
  unlink(key: string): Promise<number>
  zrem(key: string, member: string): Promise<number>
  hdel(key: string, field: string): Promise<number>
  zrandmemberBuffer(key: string, count: number): Promise<Buffer[]>
  publish(channel: string, text: string): Promise<unknown>
  subscribe(channels: readonly string[]): Promise<unknown>
  unsubscribe(channels: readonly string[]): Promise<unknown>
}
