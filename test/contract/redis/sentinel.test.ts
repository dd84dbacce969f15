import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownSentinelForTests, type RedisSentinel } from '../../support/redis.js'
import { until } from '../../support/until.js'
import { describeStoreContract } from '../store-contract.js'

/** The failover comes with this test of the contract; those after it run on the other Redis. */
const FAILOVER_BEFORE = 40

describe('RedisStore behind Sentinel', function () {
  // A failover takes some seconds, and more on a busy machine.
  this.timeout(60_000)

  let sentinel: RedisSentinel
  let client: Redis
  let tests = 0

  before(async function () {
    sentinel = await ownSentinelForTests(this)
    client = new Redis({ sentinels: [...sentinel.sentinels], name: sentinel.name })
    client.on('error', () => {})
    await client.ping()
  })
  after(async () => {
    client?.disconnect()
    await sentinel?.stop()
  })

  const storeUnder = (keyPrefix: string, deadlineMs = 10_000) =>
    new RedisStore({ client, keyPrefix, deadlineMs, ownsClient: false })
  const succeeds = (operation: Promise<unknown>) =>
    operation.then(
      () => true,
      () => false,
    )

  describeStoreContract('RedisStore, with a failover in the middle', async () => {
    tests += 1
    if (tests === FAILOVER_BEFORE) await sentinel.failover()
    const store = storeUnder(`test-${randomUUID()}:`)
    await until('the master to answer', () => succeeds(store.evict([{ kind: 'pattern', pattern: '*' }])), {
      deadlineMs: 30_000,
    })
    return {
      store,
      notifiesWaiters: true,
      eventually: until,
      async end() {
        await store.evict([{ kind: 'pattern', pattern: '*' }])
        await store.close()
      },
    }
  })

  it('is found by a URL', async () => {
    const hosts = sentinel.sentinels.map(({ host, port }) => `${host}:${port}`).join(',')
    const found = connectRedis(`redis+sentinel://${hosts}/${sentinel.name}/1`, { onTrouble: () => {} })
    const store = new RedisStore({
      client: found,
      keyPrefix: `test-${randomUUID()}:`,
      deadlineMs: 10_000,
      ownsClient: true,
    })
    await store.ready()
    expect(await store.set('user:1', Buffer.from('Ada'), 60_000)).to.equal(true)
    expect(found.options.db).to.equal(1)
    await store.close()
  })

  // In a suite of its own, as those of a suite itself run first, and the killed master does not come back.
  describe('when the master dies', () => {
    it('serves nothing after a failover that was stored before it: the eviction may have been lost', async function () {
      this.timeout(60_000)
      const store = storeUnder(`test-${randomUUID()}:`, 500)
      await store.set('user:1', Buffer.from('old'), 60_000)
      await sentinel.killMaster()
      await until('the new master to answer', () => succeeds(store.get('user:2')), { deadlineMs: 20_000 })
      expect(await store.get('user:1')).to.equal(null)
      await store.set('user:1', Buffer.from('new'), 60_000)
      expect((await store.get('user:1'))?.value.toString()).to.equal('new')
      await store.close()
    })
  })
})
