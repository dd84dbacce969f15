import type { Redis } from 'ioredis'

/** What a Redis server has done, by its own counters. */
export interface RedisLoad {
  readonly cpuMs: number
  /** Each notes its time in the set of members; where values are stored, their listing counts too. */
  readonly heartbeats: number
  readonly sentBytes: number
  readonly connections: number
}

export const NO_LOAD: RedisLoad = { cpuMs: 0, heartbeats: 0, sentBytes: 0, connections: 0 }

export async function redisLoad(redis: Redis): Promise<RedisLoad> {
  const info = await redis.info('everything')
  const field = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN)
  return {
    cpuMs: 1_000 * (field('used_cpu_user') + field('used_cpu_sys')),
    heartbeats: Number(/^cmdstat_zadd:calls=(\d+)/m.exec(info)?.[1] ?? 0),
    sentBytes: field('total_net_output_bytes'),
    // Without the one that asks.
    connections: field('connected_clients') - 1,
  }
}

/** What it has done between two looks. */
export function loadBetween(before: RedisLoad, after: RedisLoad): RedisLoad {
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    heartbeats: after.heartbeats - before.heartbeats,
    sentBytes: after.sentBytes - before.sentBytes,
    connections: after.connections,
  }
}
