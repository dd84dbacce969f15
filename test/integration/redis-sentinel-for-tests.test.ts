import { expect } from 'chai'
import { Redis } from 'ioredis'
import { ownSentinelForTests, type RedisSentinel } from '../support/redis.js'

describe('the Redis Sentinel of the tests', () => {
  let sentinel: RedisSentinel
  let client: Redis

  before(async function () {
    sentinel = await ownSentinelForTests(this)
    client = new Redis({ sentinels: [...sentinel.sentinels], name: sentinel.name })
    client.on('error', () => {})
  })

  after(async () => {
    client?.disconnect()
    await sentinel?.stop()
  })

  const portOfMaster = async () => (await client.config('GET', 'port'))[1]

  it('has master and replica change roles', async () => {
    await client.set('key', 'first')
    await client.wait(1, 5_000)
    const formerPort = await portOfMaster()
    await sentinel.failover()
    expect(await client.get('key')).to.equal('first')
    expect(await client.set('key', 'second')).to.equal('OK')
    expect(await portOfMaster()).to.not.equal(formerPort)
  })

  it('has the replica take over when the master was killed', async () => {
    await client.wait(1, 5_000)
    const formerPort = await portOfMaster()
    await sentinel.killMaster()
    expect(await client.get('key')).to.equal('second')
    expect(await client.set('key', 'third')).to.equal('OK')
    expect(await portOfMaster()).to.not.equal(formerPort)
  })
})
