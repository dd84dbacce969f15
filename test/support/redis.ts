import { pendingOutsideCi } from './pending-outside-ci.js'
import { RedisNotFound, type RedisServer, type RedisServerOptions, startRedis } from './redis-server.js'

export { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.js'

const HOW_TO_GET_ONE =
  'Redis was not found: sudo apt-get install redis-server, or REDIS_URL=redis://localhost:6379 npm test'

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
  return (await orPending(context, shared)).url
}

/** Like `startRedis`, for a suite that is pending where no Redis can be had. The caller stops the server. */
export function ownRedisForTests(context: Mocha.Context, options?: RedisServerOptions): Promise<RedisServer> {
  return orPending(context, startRedis(options))
}

/** Ends what the run has started. */
export async function releaseRedis(): Promise<void> {
  const server = await shared?.catch(() => undefined)
  await server?.stop()
}

async function orPending(context: Mocha.Context, starting: Promise<RedisServer>): Promise<RedisServer> {
  // Installing a Redis may take minutes; progress is printed meanwhile.
  context.timeout(0)
  try {
    return await starting
  } catch (error) {
    if (!(error instanceof RedisNotFound)) throw error
    return pendingOutsideCi(context, HOW_TO_GET_ONE, error)
  }
}
