import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet, Measured } from './fleet.js'
import { callsOf } from './redis-load.js'

/** What a fleet takes that nobody asks for anything, for a second. */
export interface Rest {
  readonly members: number
  readonly heartbeats: number
  readonly commands: number
  readonly redisCpuMs: number
  readonly memberCpuMs: number
  readonly sentBytes: number
  readonly connections: number
}

const MS = 10_000

export async function measureRest(fleet: Fleet): Promise<Rest> {
  return restOf(fleet, await fleet.measure(() => sleep(MS)))
}

function restOf(fleet: Fleet, { seconds, redis, memberCpuMs }: Measured): Rest {
  return {
    members: fleet.size,
    heartbeats: callsOf(redis, 'zadd') / seconds,
    commands: callsOf(redis, 'evalsha', 'eval') / seconds,
    redisCpuMs: redis.cpuMs / seconds,
    memberCpuMs: memberCpuMs / seconds,
    sentBytes: redis.sentBytes / seconds,
    connections: redis.connections,
  }
}
