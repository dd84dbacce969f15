import type { Redis } from 'ioredis'
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
 * @param url - `redis://` or `rediss://` (TLS), with user, password and database as ioredis reads them.
 * @throws `E_CACHE_OPTION` when the URL is malformed or ioredis is not installed.
 */
export function connectRedis(url: string, { onTrouble }: RedisConnectionOptions): Redis {
  checkUrl(url)
  const { Redis: Client } = loadIoredis()
  const client = new Client(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => reconnectDelayMs(attempt),
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
 * Doubles from 50 to 500 ms. A random half of it, lest all processes come back at the same moment.
 *
 * @param attempt - From 1.
 * @param random - In [0, 1).
 */
export function reconnectDelayMs(attempt: number, random = Math.random()): number {
  const delayMs = Math.min(LAST_RECONNECT_MS, FIRST_RECONNECT_MS * 2 ** (attempt - 1))
  return Math.round(delayMs * (0.5 + random / 2))
}

/** Never repeats the URL in an error: it may hold a password. */
function checkUrl(url: string): void {
  if (!URL.canParse(url)) throw malformed('the Redis URL cannot be read as a URL')
  const { protocol, hostname, pathname } = new URL(url)
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw malformed('the Redis URL begins with neither redis:// nor rediss://')
  }
  if (hostname === '') throw malformed('the Redis URL names no host')
  if (!/^\/?\d*$/.test(pathname)) throw malformed('the path of the Redis URL is not the number of a database')
}

function malformed(problem: string): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: WHERE,
    problem,
    mend: 'Write redis://user:password@host:6379/0, with special characters in the password percent-encoded.',
  })
}

/** Not imported above: who keeps the cache in process need not have it installed. */
function loadIoredis(): typeof import('ioredis') {
  try {
    return requireIoredis()
  } catch (cause) {
    throw new CacheError('E_CACHE_OPTION', {
      where: WHERE,
      problem: 'the package ioredis cannot be loaded',
      mend: 'Run: npm install ioredis',
      cause,
    })
  }
}

/** By a plain call, outside of the `try`, which each bundler follows. */
function requireIoredis(): typeof import('ioredis') {
  return require('ioredis')
}
