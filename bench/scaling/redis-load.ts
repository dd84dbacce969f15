import type { Redis } from 'ioredis'

/** What a Redis server has done, by its own counters. */
export interface RedisLoad {
  readonly cpuMs: number
  /** How often each command was called, those within scripts too. */
  readonly calls: ReadonlyMap<string, number>
  readonly sentBytes: number
  readonly connections: number
}

export const NO_LOAD: RedisLoad = { cpuMs: 0, calls: new Map(), sentBytes: 0, connections: 0 }

export async function redisLoad(redis: Redis): Promise<RedisLoad> {
  const info = await redis.info('everything')
  const field = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN)
  const calls = [...info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)]
  return {
    cpuMs: 1_000 * (field('used_cpu_user') + field('used_cpu_sys')),
    calls: new Map(calls.map(([, name, count]) => [name as string, Number(count)])),
    sentBytes: field('total_net_output_bytes'),
    // Without the one that asks.
    connections: field('connected_clients') - 1,
  }
}

/** What it has done between two looks. */
export function loadBetween(before: RedisLoad, after: RedisLoad): RedisLoad {
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    calls: new Map([...after.calls].map(([name, count]) => [name, count - (before.calls.get(name) ?? 0)])),
    sentBytes: after.sentBytes - before.sentBytes,
    connections: after.connections,
  }
}

/** Each notes its time in the set of members, and nothing else does that where no value is stored or evicted. */
export function heartbeatsOf({ calls }: RedisLoad): number {
  return calls.get('zadd') ?? 0
}
