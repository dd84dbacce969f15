import type { Heartbeat, HeartbeatRequest } from '../store.js'
import type { Channels } from './channels.js'
import type { ScriptArgument } from './define-script.js'

/** Several times the interval of heartbeats. */
const EXPIRED_AFTER_MS = 4_000
/** How long Redis keeps the list of processes after the last heartbeat. */
const MEMBERS_MS = 24 * 3_600_000

export interface Membership {
  /** Of this process. */
  readonly id: string
  readonly request: HeartbeatRequest
  readonly channels: Channels
}

/** The arguments that the heartbeats of all stores begin with (see membership.lua). */
export function membershipArguments({ id, request, channels }: Membership): readonly ScriptArgument[] {
  const { heard, rollCall } = request
  return [channels.calls, id, heard, ...rollCallArguments(rollCall), EXPIRED_AFTER_MS, MEMBERS_MS]
}

/** A heartbeat as all scripts tell it; what a store adds comes behind. */
export type RawHeartbeat = [
  now: number,
  newestCall: number,
  number: number,
  begunAt: number,
  missing: number,
  known: 0 | 1,
  watched: 0 | 1,
]

export function decodeHeartbeat([
  now,
  newestCall,
  number,
  begunAt,
  missing,
  known,
  watched,
]: RawHeartbeat): Heartbeat {
  return {
    now,
    newestCall,
    rollCall: number === 0 ? null : { number, begunAt },
    missing,
    wasKnown: known === 1,
    isWatched: watched === 1,
  }
}

function rollCallArguments(rollCall: HeartbeatRequest['rollCall']): readonly ScriptArgument[] {
  if (rollCall === 'none') return ['', 0]
  return rollCall === 'begin' ? [0, 0] : [rollCall.number, rollCall.begunAt]
}
