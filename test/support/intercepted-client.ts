import type { RedisClient } from '#src/clients/redis-client.js'
import { shaOf } from '#src/clients/script-sha.js'
import type { ScriptCommand } from '#src/clients/store-client.js'

type Send = (...args: unknown[]) => Promise<unknown>

/** A client, around each call of whose script the test does something. */
export function interceptedClient(
  client: RedisClient,
  script: ScriptCommand,
  around: (send: () => Promise<unknown>) => Promise<unknown>,
): RedisClient {
  return new Proxy(client, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (!mayRun(script, name)) return member.bind(target)
      const send: Send = (...args) => Reflect.apply(member, target, args)
      return (...args: unknown[]) => (runs(script, name, args) ? around(() => send(...args)) : send(...args))
    },
  })
}

/** ioredis has a method for each script and one for commands as they are, node-redis one for all commands. */
function mayRun(script: ScriptCommand, name: string | symbol): boolean {
  return name === 'sendCommand' || name === 'callBuffer' || name === methodOf(script)
}

function runs(script: ScriptCommand, name: string | symbol, args: readonly unknown[]): boolean {
  if (name === methodOf(script)) return true
  const words = args.find((arg): arg is unknown[] => Array.isArray(arg)) ?? []
  return words.slice(0, 2).some((word) => isWordFor(script, word))
}

/** Whether a word of a command is the text of a script, or its hash. */
export function isWordFor(script: ScriptCommand, word: unknown): boolean {
  return word === script.lua || word === shaOf(script)
}

function methodOf({ command, isBinary }: ScriptCommand): string {
  return isBinary ? `${command}Buffer` : command
}
