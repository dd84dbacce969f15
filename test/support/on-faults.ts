import { randomInt } from 'node:crypto'
import { inspect } from 'node:util'
import { expect } from 'chai'
import type { CacheOptions } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { type FaultProxy, startFaultProxy } from './fault-proxy.js'
import { retainedBytes } from './heap.js'
import { MixedLoad } from './mixed-load.js'
import { ownRedisForTests, type RedisServer, type RedisServerOptions } from './redis.js'
import { adminClient, LOOPBACK } from './redis-admin.js'
import { until } from './until.js'
import { VersionHistory } from './versions.js'
import { WatchedApp } from './watched-app.js'

/** What a fault breaks, and mends again. */
export interface FaultyRedis {
  server: RedisServer
  /** The way by which the applications reach the server. */
  readonly proxy: FaultProxy
  /** Asks the server itself, on a connection that stays. */
  readonly admin: Redis
}

export interface FaultCase {
  readonly name: string
  readonly server?: RedisServerOptions
  /** Whether it is there already when the applications start. */
  readonly atStart?: boolean
  /** How often it happens while requests come; once if not given. */
  readonly times?: number
  /** In the Redis URL of the applications. */
  readonly password?: string
  readonly cache?: CacheOptions
  /** What the log tells of it, once. Without it the store stays in use. */
  readonly told?: RegExp
  /** Before the applications start. */
  prepare?(redis: FaultyRedis): unknown
  break(redis: FaultyRedis): unknown
  heal?(redis: FaultyRedis): unknown
}

const BEFORE = 400
const DURING = 1_400
const AFTER = 300
const WORKS_AGAIN_WITHIN_MS = 5_000
/** Code that is compiled meanwhile counts too; how little a request leaves behind, repeated outages tell. */
const MOST_GROWN_BYTES = 3_000_000
/**
 * How fast a shared machine is, is no part of it; where waiting is, the case says how long. A lease whose holder
 * was cut off keeps readers waiting until its end.
 */
const GENEROUS: CacheOptions = { deadlineMs: 5_000 }

/** Two applications over one Redis, which goes through the fault under load; every answer is checked. */
export function onFaults(title: string, faults: readonly FaultCase[]): void {
  describe(title, () => {
    for (const fault of faults) {
      it(`answers right through: ${fault.name}`, async function () {
        const server = await ownRedisForTests(this, fault.server)
        this.timeout(60_000)
        const proxy = await startFaultProxy({ host: LOOPBACK, port: server.port })
        const redis: FaultyRedis = { server, proxy, admin: adminClient(server.port) }
        try {
          await survive(redis, fault)
        } finally {
          redis.admin.disconnect()
          await proxy.close()
          await redis.server.stop()
        }
      })
    }
  })
}

async function survive(redis: FaultyRedis, fault: FaultCase): Promise<void> {
  const seed = randomInt(2 ** 31)
  const history = new VersionHistory()
  const url = fault.password ? redis.proxy.url.replace('//', `//:${fault.password}@`) : redis.proxy.url
  const apps: WatchedApp[] = []
  const rejections: string[] = []
  const onRejection = (reason: unknown) => rejections.push(inspect(reason))
  process.on('unhandledRejection', onRejection)
  try {
    await fault.prepare?.(redis)
    if (fault.atStart) await fault.break(redis)
    for (let nth = 0; nth < 2; nth++) {
      apps.push(new WatchedApp(history, { redis: url, ...GENEROUS, ...fault.cache }))
    }
    await Promise.all(apps.map((app) => app.start()))
    const load = new MixedLoad(apps, seed)
    await load.run(BEFORE)
    const retained = await retainedBytes()
    const times = fault.times ?? 1
    for (let time = 0; time < times; time++) {
      await Promise.all([fault.break(redis), load.run(DURING / times)])
    }
    await fault.heal?.(redis)
    await load.run(AFTER)
    for (const app of apps) await worksAgain(app)
    await load.run(AFTER)
    for (const app of apps) await settles(app, fault)
    await until('one connection for each cache', async () => (await connections(redis.admin)) === apps.length)
    const grown = (await retainedBytes()) - retained
    expect(grown, 'bytes that were let go of no more').to.be.lessThan(MOST_GROWN_BYTES)
    expect(rejections.join('\n'), 'unhandled rejections').to.equal('')
  } catch (error) {
    throw new Error(`with seed ${seed}: ${(error as Error).message}`, { cause: error })
  } finally {
    process.off('unhandledRejection', onRejection)
    await Promise.all(apps.map((app) => app.close()))
  }
}

async function worksAgain(app: WatchedApp): Promise<void> {
  const hitsTwice = async () => (await app.readRow('1')) === 'HIT' && (await app.readRow('1')) === 'HIT'
  await until('hits again', hitsTwice, { deadlineMs: WORKS_AGAIN_WITHIN_MS })
}

async function settles(app: WatchedApp, { told }: FaultCase): Promise<void> {
  // On a busy machine a healthy Redis may be late too; then what it was owed is delivered a moment later.
  await until('what was kept to be delivered', () => app.owed().length === 0, {
    deadlineMs: WORKS_AGAIN_WITHIN_MS,
  })
  const { hits, misses, bypasses } = app.cache.stats()
  expect(hits + misses + bypasses, 'requests in the statistics').to.equal(app.reads)
  const warnings = app.logger.at('warn').filter((line) => line.includes('unavailable'))
  expect(warnings, 'outages told').to.have.lengthOf(told ? 1 : 0)
  if (told) expect(warnings[0], warnings[0]).to.match(told)
}

async function connections(admin: Redis): Promise<number> {
  const list = String(await admin.client('LIST'))
  return list.trim().split('\n').length - 1
}
