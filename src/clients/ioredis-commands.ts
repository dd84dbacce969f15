import type { Writable } from 'node:stream'
import { types } from 'node:util'
import type { Redis } from 'ioredis'
import { isUnknownScript } from './error-reply.js'
import { shaOf } from './script-sha.js'
import type { ScriptArgument, ScriptCommand, ScriptSender } from './store-client.js'

/** What is used here of the `Command` of ioredis; not every version has `_clearTimers`. */
interface Command {
  name: string
  args: (string | Buffer)[]
  promise: Promise<unknown>
  isResolved: boolean
  isSettled: boolean
  transformed: boolean
  /** Whether one of the arguments is a buffer. */
  readonly bufferMode?: boolean
  resolve: (reply: unknown) => unknown
  reject: (error: Error) => void
  toWritable(socket: Writable): string | Buffer
  stringifyArguments(): void
  _convertValue(resolve: (reply: unknown) => void): (reply: unknown) => unknown
  _clearTimers?(): void
}

interface CommandOptions {
  /** `null`: texts in the reply are buffers. */
  readonly replyEncoding: 'utf8' | null
}

type CommandClass = new (name: string, args: readonly unknown[], options: CommandOptions) => Command

interface KnownScript {
  readonly script: ScriptCommand
  readonly sha: string
  /** The connections whose server has been given it. */
  known: WeakSet<object>
}

const BINARY: CommandOptions = { replyEncoding: null }
const TEXT: CommandOptions = { replyEncoding: 'utf8' }

/**
 * Commands of a client of ioredis for one server that V8 can let go of with the request that they belong to.
 *
 * Those that the client's own methods make become old: a function of theirs is made in the old generation, and keeps the
 * arguments, the reply and whoever waits for it until V8 collects all of the heap (decision 50). Ours are
 * also put into no pipelines of `enableAutoPipelining`, which would wait for the answer to what was sent before.
 */
export class IoredisCommands implements ScriptSender {
  readonly #client: Redis
  readonly #Plain: CommandClass
  readonly #Script: new (
    defined: KnownScript,
    words: readonly unknown[],
  ) => Command
  readonly #scripts = new Map<ScriptCommand, KnownScript>()

  private constructor(client: Redis, Theirs: CommandClass) {
    this.#client = client
    this.#Plain = youngOf(Theirs)
    this.#Script = scriptCommandOf(this.#Plain)
  }

  /** `null` for a client whose commands are not made as those of ioredis are. */
  static of(client: Redis): IoredisCommands | null {
    const Theirs = commandClassOf(client)
    return Theirs && new IoredisCommands(client, Theirs)
  }

  define(script: ScriptCommand): void {
    this.#scripts.set(script, { script, sha: shaOf(script), known: new WeakSet() })
  }

  /** The whole script the first time on each connection: to ask first whether the server knows it takes two round trips. */
  async run(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    const defined = this.#scripts.get(script) as KnownScript
    const words = [defined.sha, script.numberOfKeys, ...args]
    try {
      return await this.#send(new this.#Script(defined, words))
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      defined.known = new WeakSet()
      return this.#send(new this.#Script(defined, words))
    }
  }

  runIfKnown(script: ScriptCommand, args: readonly ScriptArgument[]): Promise<unknown> {
    const { sha } = this.#scripts.get(script) as KnownScript
    const words = [sha, script.numberOfKeys, ...args]
    return this.#send(new this.#Plain('evalsha', words, script.isBinary ? BINARY : TEXT))
  }

  mgetBuffer(keys: readonly string[]): Promise<(Buffer | null)[]> {
    return this.#send(new this.#Plain('mget', keys, BINARY)) as Promise<(Buffer | null)[]>
  }

  #send(command: Command): Promise<unknown> {
    return this.#client.sendCommand(command as never) as Promise<unknown>
  }
}

/**
 * The class of the commands that a client makes, which may be of another copy of ioredis than ours.
 *
 * `null` for one behind a proxy: whoever has put it there may watch its methods, or have bound them.
 */
function commandClassOf(client: Redis): CommandClass | null {
  if (types.isProxy(client)) return null
  let Theirs: CommandClass | null = null
  const sendCommand = (command: Command) => {
    if (typeof command.stringifyArguments === 'function' && typeof command._convertValue === 'function') {
      Theirs = command.constructor as CommandClass
    }
    return command.promise
  }
  try {
    // It makes a command, and gives it to us; nothing is sent. A method of an application's own may do anything.
    const made: unknown = Reflect.apply(client.get, { options: {}, sendCommand }, ['nothing'])
    Promise.resolve(made).catch(() => {})
  } catch {
    return null
  }
  return Theirs
}

/** Where the class has `_clearTimers`, a function of each command that calls it would be old. */
function youngOf(Theirs: CommandClass): CommandClass {
  if (typeof Theirs.prototype._clearTimers !== 'function') return Theirs
  return class YoungCommand extends Theirs {
    initPromise(): void {
      this.isResolved = false
      this.isSettled = false
      this.transformed = true
      this.promise = new Promise((resolve, reject) => {
        this.stringifyArguments()
        const refuse = (error: Error) => {
          this._clearTimers?.()
          this.isSettled = true
          reject(error)
        }
        this.resolve = this._convertValue(resolve)
        this.reject = refuse
      })
    }
  }
}

function scriptCommandOf(Plain: CommandClass) {
  return class ScriptOnServer extends Plain {
    readonly #defined: KnownScript

    constructor(defined: KnownScript, words: readonly unknown[]) {
      super('evalsha', words, defined.script.isBinary ? BINARY : TEXT)
      this.#defined = defined
    }

    override toWritable(socket: Writable): string | Buffer {
      const { script, sha, known } = this.#defined
      const isKnown = known.has(socket)
      this.name = isKnown ? 'evalsha' : 'eval'
      this.args[0] = isKnown ? sha : script.lua
      known.add(socket)
      return this.bufferMode ? writtenApart(this, socket) : super.toWritable(socket)
    }
  }
}

/**
 * Writes all of a command up to behind its last buffer, and gives the rest. ioredis would copy a buffer into that of the
 * whole command; so it goes to the socket as it is.
 */
function writtenApart({ name, args }: Command, socket: Writable): string {
  let text = `*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`
  for (const arg of args) {
    if (Buffer.isBuffer(arg) && arg.length > 0) {
      socket.write(`${text}$${arg.length}\r\n`)
      socket.write(arg)
      text = '\r\n'
    } else {
      text += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`
    }
  }
  return text
}
