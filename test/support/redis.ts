import { pendingOutsideCi } from './pending-outside-ci.js'
import { type RedisCluster, startRedisCluster } from './redis-cluster.js'
import { type RedisSentinel, startRedisSentinel } from './redis-sentinel.js'
import { RedisNotFound, type RedisServer, type RedisServerOptions, startRedis } from './redis-server.js'
import { makeTlsCertificates, OpensslNotFound, type TlsCertificates } from './tls-certificates.js'

export type { RedisCluster } from './redis-cluster.js'
export type { RedisSentinel } from './redis-sentinel.js'
export { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.js'

const HOW_TO_GET_ONE =
  'Redis was not found: sudo apt-get install redis-server, or REDIS_URL=redis://localhost:6379 npm test'
const HOW_TO_GET_SEVERAL =
  'A Redis Cluster and Sentinel need redis-server 7 or later on the PATH, not in Docker: sudo apt-get install redis-server'
const HOW_TO_GET_CERTIFICATES = 'Certificates need openssl on the PATH: sudo apt-get install openssl'

let shared: Promise<RedisServer> | undefined

/**
 * The URL of the Redis that all suites of this run share: `REDIS_URL`, or one started for the run.
 *
 * It is looked for when the first suite asks, so that a run of unit tests alone starts and installs nothing.
 * Where there is none, the suite is pending, or under `CI=true` it fails.
 *
 * @example
 * before(async function () { url = await redisForTests(this) })
 */
export async function redisForTests(context: Mocha.Context): Promise<string> {
  if (process.env.REDIS_URL) return process.env.REDIS_URL
  shared ??= startRedis()
  return (await orPending(context, HOW_TO_GET_ONE, shared)).url
}

/** Like `startRedis`, for a suite that is pending where no Redis can be had. The caller stops the server. */
export function ownRedisForTests(context: Mocha.Context, options?: RedisServerOptions): Promise<RedisServer> {
  return orPending(context, HOW_TO_GET_ONE, startRedis(options))
}

/** Like `startRedisCluster`, for a suite that is pending where none can be had. The caller stops it. */
export function ownClusterForTests(context: Mocha.Context): Promise<RedisCluster> {
  return orPending(context, HOW_TO_GET_SEVERAL, startRedisCluster())
}

/** Like `startRedisSentinel`, for a suite that is pending where none can be had. The caller stops it. */
export function ownSentinelForTests(context: Mocha.Context): Promise<RedisSentinel> {
  return orPending(context, HOW_TO_GET_SEVERAL, startRedisSentinel())
}

/** Like `makeTlsCertificates`, for a suite that is pending where none can be made. The caller removes them. */
export function tlsCertificatesForTests(context: Mocha.Context): Promise<TlsCertificates> {
  return orPending(context, HOW_TO_GET_CERTIFICATES, makeTlsCertificates())
}

/** Ends what the run has started. */
export async function releaseRedis(): Promise<void> {
  const server = await shared?.catch(() => undefined)
  await server?.stop()
}

async function orPending<T>(context: Mocha.Context, reason: string, starting: Promise<T>): Promise<T> {
  // Installing a Redis may take minutes; progress is printed meanwhile.
  context.timeout(0)
  try {
    return await starting
  } catch (error) {
    if (!(error instanceof RedisNotFound || error instanceof OpensslNotFound)) throw error
    return pendingOutsideCi(context, reason, error)
  }
}
