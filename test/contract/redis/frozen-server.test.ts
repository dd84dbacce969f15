import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { startFaultProxy } from '../../support/fault-proxy.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { adminClient, LOOPBACK } from '../../support/redis-admin.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import {
  expectUnavailable,
  NO_GRACE,
  operationsOf,
  redisStoreOfSuite,
  TTL_MS,
} from './redis-store-of-suite.js'

describeOnEachClient('RedisStore on a Redis that freezes', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { storeOn } = redis

  let server: RedisServer
  let frozen: TestedClient
  let admin: Redis
  let own: RedisStore

  before(async function () {
    server = await ownRedisForTests(this)
  })
  after(() => server?.stop())

  beforeEach(async () => {
    frozen = kind.open(server.url)
    admin = adminClient(server.port)
    own = storeOn(frozen.client, 50)
    await own.ready()
    // Scripts are loaded, so that nothing but the freezing is late.
    await Promise.all(operationsOf(storeOn(frozen.client)).map((operation) => operation()))
    await admin.flushall()
  })
  afterEach(async () => {
    await server.thaw()
    frozen.end()
    admin.disconnect()
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
    const other = storeOn(frozen.client)
    // Behind the lookups on the same connection, so they have been done.
    await other.get('c')
    for (const key of ['a', 'b']) {
      await until('the lease to be free', async () => (await other.lookup(key, NO_GRACE)).kind === 'lease')
    }
  })

  it('fails what is under way when the connection breaks, and never sends it again', async () => {
    const way = await startFaultProxy({ host: LOOPBACK, port: server.port })
    const behind = kind.open(way.url)
    const cut = storeOn(behind.client)
    await cut.ready()
    await cut.get('a')
    await server.freeze()
    const startedAt = performance.now()
    const writing = cut.set('a', Buffer.from('old'), TTL_MS)
    await way.fault('refuse')
    await expectUnavailable(writing)
    expect(performance.now() - startedAt).to.be.below(1_000)
    behind.end()
    await way.close()
  })

  it('closes all the same', async () => {
    const owned = kind.open(server.url)
    const closing = new RedisStore({
      client: owned.client,
      keyPrefix: redis.keyPrefix,
      deadlineMs: 50,
      ownsClient: true,
    })
    await closing.ready()
    await server.freeze()
    const startedAt = performance.now()
    await closing.close()
    expect(performance.now() - startedAt).to.be.below(3_000)
    await until('the client to end', () => !owned.isReady())
  })

  it('is waited for no longer than 2 s at the start', async () => {
    await server.freeze()
    const starting = kind.open(server.url)
    const startedAt = performance.now()
    await storeOn(starting.client).ready()
    expect(performance.now() - startedAt).to.be.below(4_000)
    starting.end()
  })
})
