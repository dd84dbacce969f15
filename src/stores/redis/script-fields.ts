import type { ScriptArgument } from './define-script.js'

/** Redis takes whole milliseconds, and at least one. */
export function wholeMs(ms: number): number {
  return Math.max(1, Math.floor(ms))
}

/** A yes or no, as scripts take them. */
export function flag(isSet: boolean): ScriptArgument {
  return isSet ? 1 : 0
}
