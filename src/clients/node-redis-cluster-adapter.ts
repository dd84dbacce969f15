import slotOf from 'cluster-key-slot'
import { realTime } from '../tools/real-time.js'
import {
  type CommandOptions,
  NodeRedisCommands,
  type NodeRedisConnection,
  type Word,
} from './node-redis-commands.js'
import type { ClientListeners } from './store-client.js'
import { UnsentCommands } from './unsent-commands.js'

/** What `createCluster` of node-redis gives, as far as it is used here. */
export interface NodeRedisCluster extends NodeRedisConnection {
  /** Since version 6. */
  readonly isReady?: boolean
  readonly masters: readonly unknown[]
  readonly slots: readonly ({ readonly master: ClusterNode } | undefined)[]
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean,
    words: readonly Word[],
    options: Partial<CommandOptions>,
  ): Promise<unknown>
}

interface ClusterNode {
  readonly address: string
  readonly client?: { readonly isReady: boolean }
}

interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** How soon after one question for a slot's new master the next may be put, and how long it waits to be sent. */
const LOOK_EVERY_MS = 250

/** A cluster of node-redis, which sends a command to the master of its key's slot, and follows MOVED and ASK. */
export class NodeRedisClusterAdapter extends NodeRedisCommands {
  readonly isCluster = true
  readonly speaksResp3 = false
  /** It has a connection of its own for messages. */
  readonly canSubscribe = true
  readonly database = 0
  readonly #client: NodeRedisCluster
  readonly #unsent = new UnsentCommands()
  readonly #down = new Set<string>()
  #hasFailed = false
  #nextLookAt = 0

  constructor(client: NodeRedisCluster) {
    super(client)
    this.#client = client
    this.sendUntil(this.#unsent.signal)
  }

  get status(): string {
    if (this.isReady) return 'ready'
    if (this.#client.isOpen) return 'connecting'
    return this.first.isDue ? 'wait' : 'end'
  }

  get isReady(): boolean {
    const { isOpen, isReady, masters } = this.#client
    return isOpen && isReady !== false && masters.length > 0
  }

  get isConnecting(): boolean {
    return !this.isReady && !this.#hasFailed && (this.#client.isOpen || this.first.isDue)
  }

  get identity(): unknown {
    return this.#client
  }

  listen(listeners: ClientListeners): () => void {
    const fail = (error: unknown) => {
      this.#hasFailed = true
      listeners.trouble(error)
    }
    this.first.onTrouble = fail
    const lose = () => {
      this.#unsent.takeBack()
      this.sendUntil(this.#unsent.signal)
      listeners.lost()
    }
    return this.hear(listeners, [
      [
        'connect',
        () => {
          this.first.isOver()
          this.#hasFailed = false
          listeners.ready()
        },
      ],
      ['error', listeners.trouble],
      [
        // Also of each vain try to reach it again.
        'node-error',
        (_error, node) => {
          const { host, port } = node as NodeAddress
          const address = `${host}:${port}`
          if (this.#down.has(address)) return
          this.#down.add(address)
          lose()
        },
      ],
      ['disconnect', lose],
    ])
  }

  protected override connectionFor(key: string): object {
    return this.#masterOf(asSent(key))?.client ?? this
  }

  /** Fails at once where the server is away: the cluster would keep the command until it is back. */
  protected send(key: string | null, words: readonly Word[], options: CommandOptions): Promise<unknown> {
    if (key === null) return this.#client.sendCommand(undefined, false, words, options)
    const sent = asSent(key)
    const master = this.#masterOf(sent)
    if (master?.client?.isReady === false) {
      this.#lookForMaster(sent)
      return Promise.reject(new Error(`The server ${master.address} of the cluster is not connected`))
    }
    if (master && this.#down.size > 0) this.#down.delete(master.address)
    return this.#client.sendCommand(sent, false, words, options)
  }

  #masterOf(key: string): ClusterNode | undefined {
    return this.#client.slots[slotOf(key)]?.master
  }

  /**
   * Asks any server, which names the new master if there is one; the cluster then learns all of them anew. Version 5 does
   * so for no other reason, and would wait for a dead master forever.
   */
  #lookForMaster(key: string): void {
    if (realTime.now() < this.#nextLookAt) return
    this.#nextLookAt = realTime.now() + LOOK_EVERY_MS
    const abortSignal = AbortSignal.timeout(LOOK_EVERY_MS)
    this.#client.sendCommand(undefined, true, ['PTTL', key], { abortSignal }).catch(() => {})
  }
}

/** A key as the server gets it: half a pair of UTF-16 leaves as another character, of which the slot is. */
function asSent(key: string): string {
  return /[\ud800-\udfff]/.test(key) ? Buffer.from(key).toString() : key
}
