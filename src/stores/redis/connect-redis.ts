import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import { type RedisAddress, redisAddress } from '../../clients/redis-url.js'
import { CacheError } from '../../errors.js'

export interface RedisConnectionOptions {
  /** Gets every error of the connection, which goes on trying. */
  readonly onTrouble: (error: unknown) => void
}

const CONNECT_TIMEOUT_MS = 2_000
const FIRST_RECONNECT_MS = 50
/** Less than the others wait for a process that may owe evictions, once Redis is back. */
const LAST_RECONNECT_MS = 500
const WHERE = 'createCache({ redis })'

/**
 * Opens the one connection of a cache: it fails at once rather than queue, and comes back by itself.
 *
 * @param url - See `redis-url.ts`.
 * @throws `E_CACHE_OPTION` when the URL is malformed, or neither ioredis nor iovalkey is installed.
 */
export function connectRedis(url: string, { onTrouble }: RedisConnectionOptions): Redis {
  const address = redisAddress(url)
  if (address.kind === 'unreadable') throw malformed(address.problem)
  const client = open(address, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => reconnectDelayMs(attempt),
    // A server that is loading its data guesses how long it will take, and ioredis would wait for up to ten seconds.
    maxLoadingRetryTime: LAST_RECONNECT_MS,
    // A request must not wait for a connection.
    enableOfflineQueue: false,
    // What was under way when the connection broke fails, and is not sent again: it may have been done, and
    // a write done again later could overtake an eviction that was acknowledged in between.
    maxRetriesPerRequest: 0,
    // A store subscribes anew on each connection. What ioredis sends by itself would, if that connection breaks too,
    // reject where no caller can catch it.
    autoResubscribe: false,
  })
  client.on('error', onTrouble)
  return client
}

/**
 * Opens a client of the Redis Cluster that a server belongs to.
 *
 * @param url - Of the server, of the kind `redis://` or `rediss://`.
 * @throws as `connectRedis`.
 */
export function connectCluster(url: string, { onTrouble }: RedisConnectionOptions): Cluster {
  const address = redisAddress(url)
  if (address.kind !== 'url') throw malformed('the URL of a Redis Cluster begins with redis:// or rediss://')
  const { username, password, protocol } = new URL(address.url)
  const client = new (loadClient().Cluster)([address.url], {
    redisOptions: {
      // Those of the URL are for its own server alone.
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
    },
  })
  client.on('error', onTrouble)
  return client
}

/**
 * Doubles from 50 to 500 ms. A random half of it, lest all processes come back at the same moment.
 *
 * @param attempt - From 1.
 * @param random - In [0, 1).
 */
export function reconnectDelayMs(attempt: number, random = Math.random()): number {
  const delayMs = Math.min(LAST_RECONNECT_MS, FIRST_RECONNECT_MS * 2 ** (attempt - 1))
  return Math.round(delayMs * (0.5 + random / 2))
}

function malformed(problem: string): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: WHERE,
    problem,
    mend: 'Write redis://user:password@host:6379/0, unix:///path/to/socket or redis+sentinel://host:26379,host:26379/name, with special characters in the password percent-encoded.',
  })
}

type OpenClient = new (address: string | RedisOptions, settings?: RedisOptions) => Redis
type OpenCluster = new (nodes: ClusterNode[], settings?: ClusterOptions) => Cluster

function open(address: Exclude<RedisAddress, { kind: 'unreadable' }>, settings: RedisOptions): Redis {
  const Client = clientOf(loadClient())
  if (address.kind === 'url') return new Client(address.url, settings)
  return new Client({ ...address.options, ...settings })
}

/** Not imported above: who keeps the cache in process need not have it installed. */
function loadClient(): ClientModule {
  try {
    return requireIoredis()
  } catch (cause) {
    const iovalkey = iovalkeyIfInstalled()
    if (iovalkey) return iovalkey
    throw new CacheError('E_CACHE_OPTION', {
      where: WHERE,
      problem: 'the package ioredis cannot be loaded, which a URL takes, nor iovalkey',
      mend: 'Run: npm install ioredis. Or pass a client that you have: createClient(…) of node-redis.',
      cause,
    })
  }
}

interface ClientModule {
  /** ioredis has the name since 5.2.5. */
  readonly Redis?: OpenClient
  readonly default: OpenClient
  readonly Cluster: OpenCluster
}

function clientOf({ Redis, default: Client }: ClientModule): OpenClient {
  return Redis ?? Client
}

/** By a plain call, outside of a `try`, which each bundler follows. */
function requireIoredis(): ClientModule {
  return require('ioredis')
}

/** Within a `try`, where no bundler takes it for a mistake that it is not there. */
function iovalkeyIfInstalled(): ClientModule | undefined {
  try {
    return require('iovalkey')
  } catch {
    return undefined
  }
}
