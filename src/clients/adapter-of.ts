import type { Cluster, Redis } from 'ioredis'
import { CacheError } from '../errors.js'
import { IoredisAdapter } from './ioredis-adapter.js'
import { NodeRedisAdapter, type NodeRedisClient } from './node-redis-adapter.js'
import { type NodeRedisCluster, NodeRedisClusterAdapter } from './node-redis-cluster-adapter.js'
import type { RedisClient } from './redis-client.js'
import type { StoreClient } from './store-client.js'

/**
 * What the stores need of a client, which is known by its shape: nothing is imported that an application may not have.
 * Makes no connection, and listens to nothing.
 *
 * @param client - One that `clientIn` has found.
 */
export function adapterOf(client: RedisClient): StoreClient {
  if ('defineCommand' in client) return new IoredisAdapter(client as unknown as Redis | Cluster)
  // Its own type is wider, so that clients of any version and configuration fit it.
  if ('masters' in client) return new NodeRedisClusterAdapter(client as unknown as NodeRedisCluster)
  return new NodeRedisAdapter(client as unknown as NodeRedisClient)
}

/**
 * The client that a value is.
 *
 * @throws CacheError `E_CACHE_OPTION` if it is none, or one that cannot be used.
 */
export function clientIn(value: unknown, where: string): RedisClient {
  if (typeof value !== 'object' || value === null || !('defineCommand' in value || 'sendCommand' in value)) {
    throw unusable(
      where,
      'redis is neither a URL nor a client of ioredis, node-redis or iovalkey',
      `Give 'redis://host:6379', new Redis(…) of ioredis, or createClient(…) of node-redis.`,
    )
  }
  const fault = 'defineCommand' in value ? faultOfIoredis(value) : faultOfNodeRedis(value)
  if (fault) throw unusable(where, ...fault)
  return value as RedisClient
}

type Fault = readonly [problem: string, mend: string]

function faultOfIoredis(client: object): Fault | null {
  // A mock has none; nor does it run the scripts as Redis does, or give bytes.
  if ('status' in client && typeof client.status === 'string') return null
  return [
    'the client is no ioredis with a connection, such as ioredis-mock, which lacks commands that the cache needs',
    'Leave redis out in tests: values are then kept in this process, and all else is the same.',
  ]
}

function faultOfNodeRedis(client: object): Fault | null {
  if ('masters' in client) return null
  if (!('withTypeMapping' in client)) {
    return ['the client is of node-redis 4 or earlier', 'Use version 5 or 6: npm install redis@latest']
  }
  if ('isReady' in client && 'subscribe' in client && !('acquire' in client)) return null
  return [
    'the client is a pool, or for Sentinel, of node-redis, where commands have no connection of their own',
    'Pass createClient(…) or createCluster(…); for Sentinel a URL, redis+sentinel://host:26379/name, which takes ioredis.',
  ]
}

function unusable(where: string, problem: string, mend: string): CacheError {
  return new CacheError('E_CACHE_OPTION', { where, problem, mend })
}
