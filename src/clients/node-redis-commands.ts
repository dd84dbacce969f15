import { realTime } from '../tools/real-time.js'
import { isUnknownScript } from './error-reply.js'
import { FirstConnection } from './first-connection.js'
import { shaOf } from './script-sha.js'
import type { ClientListeners, ScriptArgument, ScriptCommand, StoreClient } from './store-client.js'

/** What node-redis takes for a word of a command. */
export type Word = string | Buffer

export type MessageListener = (text: string, channel: string) => void
// biome-ignore lint/suspicious/noExplicitAny: listeners of all events.
type EventListener = (...args: any[]) => void

/** What a client and a cluster of node-redis have in common, as far as it is used here. */
export interface NodeRedisConnection {
  readonly isOpen: boolean
  /** Since version 6. */
  readonly _keyPrefix?: string
  connect(): Promise<unknown>
  close(): Promise<unknown>
  destroy(): void
  subscribe(channels: readonly string[], listener: MessageListener): Promise<unknown>
  unsubscribe(channels: readonly string[], listener: MessageListener): Promise<unknown>
  on(event: string, listener: EventListener): unknown
  off(event: string, listener: EventListener): unknown
}

/** The options of a command, of both versions and of a cluster. */
export interface CommandOptions {
  readonly typeMapping: Readonly<Record<number, unknown>>
  readonly asap: false
  readonly timeout: undefined
  readonly abortSignal: AbortSignal | undefined
}

/** What stands before simple texts, long ones and those with a format, in the protocol; all as bytes. */
const AS_BYTES = Object.fromEntries(['+', '$', '='].map((type) => [type.charCodeAt(0), Buffer]))
const AS_TEXT = {}

interface KnownScript {
  readonly sha: string
  readonly numberOfKeys: string
}

/** What the adapters of a client and of a cluster of node-redis have in common. */
export abstract class NodeRedisCommands implements StoreClient {
  protected readonly first: FirstConnection
  readonly #client: NodeRedisConnection
  #onMessage: MessageListener = () => {}
  readonly #scripts = new Map<ScriptCommand, KnownScript>()
  #asBytes: CommandOptions
  #asText: CommandOptions
  #connection: object = {}
  /** The scripts that were sent to each server. */
  readonly #sent = new WeakMap<object, Set<ScriptCommand>>()

  abstract readonly isCluster: boolean
  abstract readonly status: string
  abstract readonly isReady: boolean
  abstract readonly isConnecting: boolean
  abstract readonly speaksResp3: boolean
  abstract readonly canSubscribe: boolean
  abstract readonly database: number
  abstract readonly identity: unknown
  /** What it keeps while it is away is taken back from it; see `UnsentCommands`. */
  readonly risk = null

  protected constructor(client: NodeRedisConnection) {
    this.#client = client
    this.first = new FirstConnection(client)
    ;[this.#asBytes, this.#asText] = optionsWith(undefined)
  }

  abstract listen(listeners: ClientListeners): () => void

  /** @param key - Of the slot to which the command goes in a cluster; `null`: to any server. */
  protected abstract send(
    key: string | null,
    words: readonly Word[],
    options: CommandOptions,
  ): Promise<unknown>

  /** What stands for the connection by which a command for this key goes now. */
  protected connectionFor(_key: string): object {
    return this.#connection
  }

  /** Commands that wait to be sent are sent with this signal's leave alone. */
  protected sendUntil(signal: AbortSignal | undefined): void {
    this.#connection = {}
    ;[this.#asBytes, this.#asText] = optionsWith(signal)
  }

  get keyPrefix(): string {
    return String(this.#client._keyPrefix ?? '')
  }

  connect(): void {
    this.first.make()
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

  /** Listens to messages and to events. @returns A function that ends it. */
  protected hear(
    { message }: ClientListeners,
    handlers: readonly (readonly [event: string, handler: EventListener])[],
  ): () => void {
    const onMessage: MessageListener = (text, channel) => message(channel, text)
    this.#onMessage = onMessage
    for (const [event, handler] of handlers) this.#client.on(event, handler)
    return () => {
      for (const [event, handler] of handlers) this.#client.off(event, handler)
    }
  }

  /** It is never ready with another database than its own. */
  async selectDatabase(): Promise<void> {}

  /** It sends the commands of a turn together by itself. */
  hold(): () => void {
    return letGo
  }

  /** It writes in an immediate of its own, which this comes behind. */
  afterWriting(act: () => void): void {
    realTime.setImmediate(act)
  }

  define(script: ScriptCommand): void {
    this.#scripts.set(script, {
      sha: shaOf(script),
      numberOfKeys: String(script.numberOfKeys),
    })
  }

  /**
   * Sends the text of a script with its first use on a connection, which is done in the order of all that is sent, and its
   * hash afterwards. Redis may have forgotten it since.
   */
  async run(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    const { sha, numberOfKeys } = this.#scripts.get(script) as KnownScript
    const [key] = args as [string]
    const words = args.map(wordOf)
    const options = script.isBinary ? this.#asBytes : this.#asText
    const connection = this.#connection
    if (this.#isNewOn(this.connectionFor(key), script)) {
      return this.send(key, ['EVAL', script.lua, numberOfKeys, ...words], options)
    }
    try {
      return await this.send(key, ['EVALSHA', sha, numberOfKeys, ...words], options)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
    }
    if (connection !== this.#connection) throw new Error('The connection was lost meanwhile')
    return this.send(key, ['EVAL', script.lua, numberOfKeys, ...words], options)
  }

  runIfKnown(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    const { sha, numberOfKeys } = this.#scripts.get(script) as KnownScript
    const options = script.isBinary ? this.#asBytes : this.#asText
    return this.send(args[0] as string, ['EVALSHA', sha, numberOfKeys, ...args.map(wordOf)], options)
  }

  info(): Promise<string> {
    return this.#ask(null, ['INFO'])
  }

  mgetBuffer(keys: readonly string[]): Promise<(Buffer | null)[]> {
    return this.#ask(keys[0] ?? null, ['MGET', ...keys], this.#asBytes)
  }

  exists(key: string): Promise<number> {
    return this.#ask(key, ['EXISTS', key])
  }

  unlink(key: string): Promise<number> {
    return this.#ask(key, ['UNLINK', key])
  }

  zrem(key: string, member: string): Promise<number> {
    return this.#ask(key, ['ZREM', key, member])
  }

  hdel(key: string, field: string): Promise<number> {
    return this.#ask(key, ['HDEL', key, field])
  }

  zrandmemberBuffer(key: string, count: number): Promise<Buffer[]> {
    return this.#ask(key, ['ZRANDMEMBER', key, String(count)], this.#asBytes)
  }

  publish(channel: string, text: string): Promise<unknown> {
    return this.#ask(null, ['PUBLISH', channel, text])
  }

  #isNewOn(connection: object, script: ScriptCommand): boolean {
    let sent = this.#sent.get(connection)
    if (!sent) {
      sent = new Set()
      this.#sent.set(connection, sent)
    }
    if (sent.has(script)) return false
    sent.add(script)
    return true
  }

  #ask<Reply>(key: string | null, words: readonly Word[], options = this.#asText): Promise<Reply> {
    return this.send(key, words, options) as Promise<Reply>
  }
}

function letGo(): void {}

function wordOf(argument: ScriptArgument): Word {
  return typeof argument === 'number' ? String(argument) : argument
}

/** Whatever the application has set for its own commands does not hold for these. */
function optionsWith(
  abortSignal: AbortSignal | undefined,
): [asBytes: CommandOptions, asText: CommandOptions] {
  const options = { asap: false, timeout: undefined, abortSignal } as const
  return [
    { ...options, typeMapping: AS_BYTES },
    { ...options, typeMapping: AS_TEXT },
  ]
}
