import { LATE, withinDeadline } from '../../tools/within-deadline.js'
import { REDIS_LUA } from '../lua/scripts.generated.js'
import type { StoreRefusal } from '../store-refusal.js'
import { defineScript, type ScriptClient, type ScriptCommand } from './define-script.js'
import { isCommandNotPermitted, isNotPermitted, notPermitted, refused } from './redis-errors.js'

/** Which of some commands Redis does not permit. */
export const permissions = defineScript({
  command: 'cacheablePermissions',
  source: REDIS_LUA.permissions,
  keys: ['nothing'],
  encode: (commands: readonly string[]) => commands,
  decode: (found: string[]) => found,
})

export interface PermissionsOptions {
  readonly client: ScriptClient
  readonly keyPrefix: string
  readonly deadlineMs: number
  readonly scripts: readonly ScriptCommand[]
}

/**
 * What Redis means by a refusal. Of a script that may not run one of its commands, Redis 7.0 does not say which: they
 * are all tried then, which takes another round trip within the deadline.
 */
export async function refusalOf(cause: Error, options: PermissionsOptions): Promise<StoreRefusal> {
  if (!isNotPermitted(cause)) return refused(cause)
  const { client, keyPrefix, deadlineMs, scripts } = options
  const [, named] = /the '([^']+)' command/.exec(cause.message) ?? []
  if (named !== undefined) return notPermitted([named], keyPrefix, cause)
  if (!isCommandNotPermitted(cause)) return notPermitted([], keyPrefix, cause)
  const trying = permissions(client, { nothing: `${keyPrefix}#nothing` }, commandsOf(scripts)).catch(() => [])
  const found = await withinDeadline(trying, deadlineMs)
  return notPermitted(found === LATE ? [] : found, keyPrefix, cause)
}

/** The commands that scripts run. */
function commandsOf(scripts: readonly ScriptCommand[]): readonly string[] {
  const calls = scripts.flatMap(({ lua }) => [...lua.matchAll(/\b(?:call|pcall|healed)\('([A-Z]+)'/g)])
  return [...new Set(calls.map(([, command = '']) => command))]
}
