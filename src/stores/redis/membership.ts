import type { ScriptArgument } from './define-script.js'

/** Several times the interval of heartbeats. */
const EXPIRED_AFTER_MS = 4_000
/** A process that was out of touch need not give others the time to stumble. */
const EXPIRED_AFTER_OUTAGE_MS = 2_500
/** How long Redis keeps the list of processes after the last heartbeat. */
const MEMBERS_MS = 24 * 3_600_000

export interface Membership {
  /** Of this process. */
  readonly id: string
  /** Whether this process has been in touch with Redis since its last heartbeat. */
  readonly wasInTouch: boolean
}

/** The arguments that the heartbeats of all stores begin with (see membership.lua). */
export function membershipArguments({ id, wasInTouch }: Membership): readonly ScriptArgument[] {
  return [id, wasInTouch ? EXPIRED_AFTER_MS : EXPIRED_AFTER_OUTAGE_MS, MEMBERS_MS]
}
