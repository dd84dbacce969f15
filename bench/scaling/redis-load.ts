import type { Redis } from 'ioredis'

/** What a Redis server has done, by its own counters. */
export interface RedisLoad {
  readonly cpuMs: number
  /** How often each command was called, those within scripts too. */
  readonly calls: ReadonlyMap<string, number>
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly connections: number
}

export async function redisLoad(redis: Redis): Promise<RedisLoad> {
  const info = await redis.info('everything')
  const field = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN)
  const calls = [...info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)]
  return {
    cpuMs: 1_000 * (field('used_cpu_user') + field('used_cpu_sys')),
    calls: new Map(calls.map(([, name, count]) => [name as string, Number(count)])),
    sentBytes: field('total_net_output_bytes'),
    receivedBytes: field('total_net_input_bytes'),
    connections: field('connected_clients'),
  }
}

/** What it has done between two looks. */
export function loadBetween(before: RedisLoad, after: RedisLoad): RedisLoad {
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    calls: new Map([...after.calls].map(([name, count]) => [name, count - (before.calls.get(name) ?? 0)])),
    sentBytes: after.sentBytes - before.sentBytes,
    receivedBytes: after.receivedBytes - before.receivedBytes,
    connections: after.connections,
  }
}

export function callsOf({ calls }: RedisLoad, ...names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (calls.get(name) ?? 0), 0)
}
