import type { Socket } from 'node:net'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { until } from '../../support/until.js'
import {
  expectUnavailable,
  NO_GRACE,
  operationsOf,
  redisStoreOfSuite,
  TTL_MS,
} from './redis-store-of-suite.js'

describe('RedisStore on a Redis that freezes', () => {
  const redis = redisStoreOfSuite()
  const { storeOn } = redis

  let server: RedisServer
  let frozen: Redis
  let own: RedisStore

  before(async function () {
    server = await ownRedisForTests(this)
  })
  after(() => server?.stop())

  beforeEach(async () => {
    frozen = connectRedis(server.url, { onTrouble: () => {} })
    own = storeOn(frozen, 50)
    await own.ready()
    // Scripts are loaded, so that nothing but the freezing is late.
    await Promise.all(operationsOf(storeOn(frozen)).map((operation) => operation()))
    await frozen.flushall()
  })
  afterEach(async () => {
    await server.thaw()
    frozen.disconnect()
  })

  it('keeps its deadline for every operation', async () => {
    await server.freeze()
    for (const operation of operationsOf(own)) {
      const startedAt = performance.now()
      await expectUnavailable(operation())
      expect(performance.now() - startedAt).to.be.within(45, 1_000)
    }
    expect(own.isAvailable()).to.equal(false)
  })

  it('is available again when it answers again', async () => {
    await server.freeze()
    await expectUnavailable(own.get('a'))
    await server.thaw()
    await until('the late answer', () => own.isAvailable())
    await until('an answer in time', () =>
      own.get('a').then(
        () => true,
        () => false,
      ),
    )
  })

  it('gives leases back that were granted too late', async () => {
    await server.freeze()
    await Promise.all(['a', 'b'].map((key) => expectUnavailable(own.lookup(key, NO_GRACE))))
    await server.thaw()
    // Behind the lookups on the same connection, so they have been done.
    await frozen.ping()
    const other = storeOn(frozen)
    for (const key of ['a', 'b']) {
      await until('the lease to be free', async () => (await other.lookup(key, NO_GRACE)).kind === 'lease')
    }
  })

  it('fails what is under way when the connection breaks, and never sends it again', async () => {
    const cut = storeOn(frozen)
    await server.freeze()
    const startedAt = performance.now()
    const writing = cut.set('a', Buffer.from('old'), TTL_MS)
    const connection = (frozen as unknown as { stream: Socket }).stream
    connection.destroy()
    await expectUnavailable(writing)
    expect(performance.now() - startedAt).to.be.below(1_000)
  })

  it('closes all the same', async () => {
    const owned = connectRedis(server.url, { onTrouble: () => {} })
    const closing = new RedisStore({
      client: owned,
      keyPrefix: redis.keyPrefix,
      deadlineMs: 50,
      ownsClient: true,
    })
    await closing.ready()
    await server.freeze()
    const startedAt = performance.now()
    await closing.close()
    expect(performance.now() - startedAt).to.be.below(3_000)
    await until('the client to end', () => owned.status === 'end')
  })

  it('is waited for no longer than 2 s at the start', async () => {
    await server.freeze()
    const starting = connectRedis(server.url, { onTrouble: () => {} })
    const startedAt = performance.now()
    await storeOn(starting).ready()
    expect(performance.now() - startedAt).to.be.below(4_000)
    starting.disconnect()
  })
})
