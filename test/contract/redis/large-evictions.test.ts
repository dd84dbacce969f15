import { expect } from 'chai'
import { evict } from '#src/stores/redis/redis-scripts.js'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { gate } from '../../support/gate.js'
import { interceptedClient } from '../../support/intercepted-client.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { nth, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

describeOnEachClient('a large eviction of a RedisStore goes in batches, and between them', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { storeOn, write, writeMany, leaseOn, listed } = redis
  let store: RedisStore
  beforeEach(() => {
    ;({ store } = redis)
  })

  /** Holds the eviction back after its first batch, so that the test acts in the middle of it. */
  const halfway = async (evicting: (held: RedisStore) => Promise<number>) => {
    const [first, rest] = [gate(), gate()]
    let batches = 0
    let isEvicting = false
    const held = interceptedClient(redis.tested, evict, async (send) => {
      if (isEvicting) batches += 1
      if (batches > 1) {
        first.open()
        await rest.wait
      }
      return send()
    })
    const heldStore = storeOn(held)
    // A connection begins with an eviction of nothing.
    await heldStore.get('none')
    isEvicting = true
    const evicted = evicting(heldStore)
    await first.wait
    const finish = () => {
      rest.open()
      return evicted
    }
    return { finish, batches: () => batches }
  }
  const fillIn = async (key: string, lease: string) => store.fill(key, lease, Buffer.from('old'), TTL_MS)

  it('no load that began before it can store, on either side of where it stands', async () => {
    await writeMany(2_000)
    const before = await Promise.all(['user:0000a', 'user:1999a'].map((key) => leaseOn(key)))
    const { finish, batches } = await halfway((held) => held.evict([{ kind: 'pattern', pattern: 'user:*' }]))
    expect(await fillIn('user:0000a', before[0] as string)).to.equal(false)
    // Not reached yet: it is stored, and removed before the eviction is acknowledged.
    expect(await fillIn('user:1999a', before[1] as string)).to.equal(true)
    expect(await finish()).to.equal(2_001)
    expect(batches()).to.be.greaterThan(3)
    expect(await store.get('user:1999a')).to.equal(null)
    expect(await listed()).to.deep.equal([])
  })

  it('what is loaded behind it stays, and a later eviction finds it', async () => {
    await writeMany(2_000)
    const { finish } = await halfway((held) => held.evict([{ kind: 'pattern', pattern: 'user:*' }]))
    expect(await fillIn(nth(0), await leaseOn(nth(0)))).to.equal(true)
    await finish()
    expect((await store.get(nth(0)))?.value.toString()).to.equal('old')
    expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(1)
  })

  it('other selectors have their turn after one that needed several', async () => {
    await writeMany(1_200)
    await Promise.all([write('a'), write('b'), write('task:1'), write('user:1:x')])
    expect(
      await store.evict([
        { kind: 'key', key: 'a' },
        { kind: 'glob', glob: 'user:*[02468]' },
        { kind: 'pattern', pattern: 'task:*' },
        { kind: 'key', key: 'b' },
      ]),
    ).to.equal(603)
    expect(await listed()).to.have.lengthOf(601)
  })

  it('a key with thousands of variants loses them all by an eviction, a set and a put', async () => {
    const writeVariants = async () => {
      for (let id = 0; id < 1_100; id += 1) await write(`user:1#v${id}`)
    }
    await writeVariants()
    expect(await store.evict([{ kind: 'key', key: 'user:1' }])).to.equal(1_100)
    await writeVariants()
    await write('user:1', 'new')
    expect(await listed()).to.deep.equal(['user:1'])
    await writeVariants()
    await store.put('user:1', await store.fence('user'), Buffer.from('newer'), TTL_MS, 'replace')
    expect(await listed()).to.deep.equal(['user:1'])
    expect((await store.get('user:1'))?.value.toString()).to.equal('newer')
  })
})
