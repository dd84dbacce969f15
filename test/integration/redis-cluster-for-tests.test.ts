import { expect } from 'chai'
import { Cluster } from 'ioredis'
import { ownClusterForTests, type RedisCluster } from '../support/redis.js'

describe('the Redis Cluster of the tests', () => {
  let cluster: RedisCluster
  let client: Cluster

  before(async function () {
    cluster = await ownClusterForTests(this)
    client = new Cluster([...cluster.nodes])
    client.on('error', () => {})
  })

  after(async () => {
    client?.disconnect()
    await cluster?.stop()
  })

  it('has three masters, and keys on each', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => client.set(`spread:${n}`, n)))
    const masters = client.nodes('master')
    expect(masters).to.have.lengthOf(3)
    for (const size of await Promise.all(masters.map((master) => master.dbsize()))) {
      expect(size).to.be.within(1, 48)
    }
  })

  it('moves a slot while all its keys can be read', async () => {
    const names = Array.from({ length: 10 }, (_, n) => `{moved}:${n}`)
    const slot = cluster.slotOf('{moved}')
    await Promise.all(names.map((name) => client.set(name, name)))
    const readAll = () => Promise.all(names.map((name) => client.get(name)))
    const keysInSlot = () =>
      Promise.all(client.nodes('master').map((master) => master.cluster('COUNTKEYSINSLOT', slot)))

    const atFirst = await keysInSlot()
    await cluster.moveSlot(slot, {
      whileMoving: async () => {
        expect((await keysInSlot()).sort()).to.deep.equal([0, 5, 5])
        expect(await readAll()).to.deep.equal(names)
      },
    })
    const atLast = await keysInSlot()
    expect([...atFirst].sort()).to.deep.equal([0, 0, 10])
    expect([...atLast].sort()).to.deep.equal([0, 0, 10])
    expect(atLast).to.not.deep.equal(atFirst)
    expect(await readAll()).to.deep.equal(names)
  })

  it('goes on with a replica when a master was killed', async () => {
    await client.set('kept', 'old')
    await Promise.all(client.nodes('master').map((master) => master.wait(1, 5_000)))
    await cluster.killMaster(cluster.slotOf('kept'))
    expect(await client.get('kept')).to.equal('old')
    await client.set('kept', 'new')
    expect(await client.get('kept')).to.equal('new')
  })
})
