import type { ScriptArgument, ScriptCommand, StoreClient } from '../../clients/store-client.js'

export type { ScriptArgument, ScriptCommand } from '../../clients/store-client.js'
export type ScriptClient = StoreClient

/** What `scripts/generate-lua.mjs` makes of a .lua file. */
interface ScriptSource<Keys extends readonly string[]> {
  /** From the header of the file. */
  readonly keys: Keys
  readonly lua: string
}

export interface ScriptDefinition<Keys extends readonly string[], Input, Raw, Reply> {
  /** Unlike that of any other script of the same client. */
  readonly command: string
  readonly source: ScriptSource<Keys>
  /** As in the header of the .lua file: the compiler compares them. */
  readonly keys: NoInfer<Keys>
  /** The arguments, in the order of the header's ARGV. */
  readonly encode: (input: Input) => readonly ScriptArgument[]
  /** The reply, as the header's "Returns" has it. */
  readonly decode: (raw: Raw) => Reply
  /** Whether texts in the raw reply are buffers: for values and for keys, which may be any bytes. */
  readonly isBinary?: true
}

/**
 * Runs a script on the server.
 *
 * @param names - The names of its keys.
 */
export type Script<Keys extends readonly string[], Input, Reply> = ScriptCommand &
  Run<Keys, Input, Reply> & {
    /** The same, or a rejection where the server does not know the script: it is never sent a second time, behind others. */
    readonly ifKnown: Run<Keys, Input, Reply>
  }

type Run<Keys extends readonly string[], Input, Reply> = (
  client: ScriptClient,
  names: Readonly<Record<Keys[number], string>>,
  input: Input,
) => Promise<Reply>

/**
 * Makes a typed function of a Lua script. The definition is the only place that knows the order of its keys and
 * arguments and the form of its reply.
 *
 * @example
 * const value = defineScript({
 *   command: 'cacheableValue',
 *   source: CLUSTER_LUA.value,
 *   keys: ['value'],
 *   encode: () => [],
 *   decode: (found: [Buffer, number] | null) => found && { value: found[0], remainingMs: found[1] },
 *   isBinary: true,
 * })
 * const found = await value(client, { value: 'app:user:1' }, undefined)
 */
export function defineScript<const Keys extends readonly string[], Input, Raw, Reply>(
  definition: ScriptDefinition<Keys, Input, Raw, Reply>,
): Script<Keys, Input, Reply> {
  const { command, source, encode, decode, isBinary = false } = definition
  const keys: readonly Keys[number][] = source.keys
  const argumentsOf = (names: Readonly<Record<Keys[number], string>>, input: Input) => [
    ...keys.map((key) => names[key]),
    ...encode(input),
  ]
  const run: Run<Keys, Input, Reply> = async (client, names, input) =>
    decode((await client.run(script, argumentsOf(names, input))) as Raw)
  const ifKnown: Run<Keys, Input, Reply> = async (client, names, input) =>
    decode((await client.runIfKnown(script, argumentsOf(names, input))) as Raw)
  const script = Object.assign(run, {
    ...{ command, lua: source.lua, numberOfKeys: keys.length, isBinary, ifKnown },
  })
  return script
}
