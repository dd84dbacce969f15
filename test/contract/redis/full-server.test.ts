import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { expectRefused, failOnTrouble, NO_GRACE, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

describeOnEachClient('RedisStore on a Redis that is full', (kind) => {
  const suite = redisStoreOfSuite(kind)
  const { storeOn, listed } = suite

  let server: RedisServer
  let full: Redis
  let tested: TestedClient
  let own: RedisStore

  before(async function () {
    server = await ownRedisForTests(this)
  })
  after(() => server?.stop())

  beforeEach(async () => {
    full = connectRedis(server.url, { onTrouble: failOnTrouble })
    tested = kind.open(server.url, failOnTrouble)
    own = storeOn(tested.client)
    await own.ready()
    await own.set('user:1', Buffer.from('old'), TTL_MS)
    await own.set('user:1#en', Buffer.from('old'), TTL_MS)
    await full.config('SET', 'maxmemory', '1')
  })
  afterEach(async () => {
    await full.config('SET', 'maxmemory', '0')
    tested.end()
    await full.quit()
  })

  it('still serves and evicts', async () => {
    expect((await own.lookup('user:1', NO_GRACE)).kind).to.equal('hit')
    expect(await own.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(2)
  })

  describe('on a connection that is made meanwhile', () => {
    let late: TestedClient
    let other: RedisStore
    beforeEach(async () => {
      late = kind.open(server.url, failOnTrouble)
      other = storeOn(late.client)
      await other.ready()
    })
    afterEach(async () => {
      await other.close()
      late.end()
    })

    it('still serves and evicts', async () => {
      expect((await other.lookup('user:1', NO_GRACE)).kind).to.equal('hit')
      expect(await other.evict([{ kind: 'key', key: 'user:1' }])).to.equal(2)
    })

    it('still drops what another server was told', async () => {
      await full.config('SET', 'maxmemory', '0')
      await full.set(`${suite.keyPrefix}#server`, 'another')
      await full.config('SET', 'maxmemory', '1')
      expect(await other.get('user:1')).to.equal(null)
      expect(await listed(full)).to.deep.equal([])
    })
  })

  it('serves those that are asked for in the turn in which it refuses leases', async () => {
    const refusals = ['user:2', 'user:3'].map((key) => expectRefused(own.lookup(key, NO_GRACE)))
    const [found, got] = await Promise.all([own.lookup('user:1', NO_GRACE), own.get('user:1#en')])
    expect([found.kind, String(got?.value)]).to.deep.equal(['hit', 'old'])
    await Promise.all(refusals)
    expect(await listed(full)).to.deep.equal(['user:1', 'user:1#en'])
  })

  it('takes the old value away when it refuses the new one', async () => {
    await expectRefused(own.set('user:1', Buffer.from('new'), TTL_MS))
    expect(await own.get('user:1')).to.equal(null)
    expect(await own.get('user:1#en')).to.equal(null)
  })

  it('leaves nothing half done when it refuses a lease', async () => {
    await expectRefused(own.lookup('user:2', NO_GRACE))
    expect(await listed(full)).to.deep.equal(['user:1', 'user:1#en'])
  })
})
