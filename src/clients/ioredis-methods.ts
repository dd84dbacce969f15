import { isUtf8 } from 'node:buffer'
import type { Cluster, Redis } from 'ioredis'
import { shaOf } from './script-sha.js'
import type { ScriptArgument, ScriptCommand, ScriptSender } from './store-client.js'

/** From here on UTF-8 is given to the client as text. */
const TEXT_FROM_BYTES = 2_000

/** Runs a script that the server knows. */
const BY_HASH = 'evalsha'

interface KnownScript {
  /** The name of its method, which is asked for with each hit. */
  readonly method: string
  readonly sha: string
}

/** The methods that a client of ioredis has and makes: of a cluster, and of one for one server that is not as we know it. */
export class IoredisMethods implements ScriptSender {
  readonly #client: Redis | Cluster
  readonly #scripts = new Map<ScriptCommand, KnownScript>()

  constructor(client: Redis | Cluster) {
    this.#client = client
  }

  /**
   * With `enableAutoPipelining` the client sends nothing before what it has sent is answered, so to a Redis that stands
   * still no eviction; and it loses the name of a command that has no method. What stands on its list leaves as it comes.
   */
  define(script: ScriptCommand): void {
    const { command, lua, numberOfKeys, isBinary } = script
    this.#client.defineCommand(command, { lua, numberOfKeys })
    const options: Partial<Redis['options']> = this.#client.options
    options.autoPipeliningIgnoredCommands = [
      ...new Set(options.autoPipeliningIgnoredCommands).add(command).add(BY_HASH),
    ]
    this.#scripts.set(script, { method: isBinary ? `${command}Buffer` : command, sha: shaOf(script) })
  }

  run(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    // The client has the method since `defineCommand`, of which its type does not know.
    const { method } = this.#scripts.get(script) as KnownScript
    return Reflect.apply(Reflect.get(this.#client, method), this.#client, args.map(lighter))
  }

  runIfKnown(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    const { sha } = this.#scripts.get(script) as KnownScript
    const words = [sha, script.numberOfKeys, ...args]
    return script.isBinary ? this.#client.callBuffer(BY_HASH, words) : this.#client.call(BY_HASH, words)
  }

  mgetBuffer(keys: readonly string[]): Promise<(Buffer | null)[]> {
    return this.#client.mgetBuffer([...keys])
  }
}

/**
 * An argument as it weighs least. ioredis makes its commands so that V8 keeps them, and what they carry, until it collects
 * all of the heap; the bytes of buffers lie outside of the heap, and many of them drive it to do that again and again.
 */
function lighter(argument: ScriptArgument): ScriptArgument {
  const isLong = Buffer.isBuffer(argument) && argument.length >= TEXT_FROM_BYTES
  return isLong && isUtf8(argument) ? argument.toString('utf8') : argument
}
