import { expect } from 'chai'
import type { Redis } from 'ioredis'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { NO_GRACE, nth, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

describeOnEachClient('RedisStore does not serve', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { write, writeMany, leaseOn, index, pages, listed } = redis
  let client: Redis
  let keyPrefix: string
  let store: RedisStore
  beforeEach(() => {
    ;({ client, keyPrefix, store } = redis)
  })
  const leaseNameOf = (key: string) => `${keyPrefix}#lease:${key}`

  it('a value after the index was lost, for an eviction would not have found it', async () => {
    await write('user:1', 'old')
    await client.del(index())
    expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(0)
    expect(await store.get('user:1')).to.equal(null)
    expect(await store.lookup('user:1', NO_GRACE)).to.deep.include({ kind: 'lease', stale: null })
    expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
  })

  it('a value after the index was lost, when others enter a new index', async () => {
    await write('user:1', 'old')
    await client.del(index())
    await write('user:2')
    expect(await store.get('user:1')).to.equal(null)
    await leaseOn('user:1')
    expect(await store.get('user:1')).to.equal(null)
  })

  it('what a lost page of the index listed, while the other pages stay', async () => {
    await writeMany(500)
    const page = (await pages())[2] as string
    const lost = await client.zrange(page, '0', '-1')
    await client.del(page)
    expect(await store.evict(lost.map((key) => ({ kind: 'pattern', pattern: `${key}:*` })))).to.equal(0)
    for (const key of lost) expect(await store.get(key), key).to.equal(null)
    for (const key of await listed()) expect(await store.get(key), key).to.not.equal(null)
    expect(await listed()).to.have.lengthOf(500 - lost.length)

    const [again, other] = lost as [string, string]
    await store.fill(again, await leaseOn(again), Buffer.from('new'), TTL_MS)
    expect((await store.get(again))?.value.toString()).to.equal('new')
    expect(await store.get(other)).to.equal(null)
    expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(501 - lost.length)
    expect(await listed()).to.deep.equal([])
  })

  it('what pages list that lost their index, when a new one begins with the same keys', async () => {
    await writeMany(500)
    const orphans = await pages()
    await client.del(index())
    // Every other key, so that the new pages begin as the old ones did.
    for (let id = 0; id < 500; id += 2) await write(nth(id), 'new')
    expect(await client.exists(...orphans)).to.equal(orphans.length)
    expect(await pages()).to.not.include.members([orphans[0]])
    for (let id = 0; id < 500; id += 1) {
      expect((await store.get(nth(id)))?.value.toString(), nth(id)).to.equal(id % 2 ? undefined : 'new')
    }
    expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(250)
  })

  it('what is filled with a lease that an eviction could not find', async () => {
    const early = await leaseOn('user:1')
    await client.del(index())
    await store.evict([{ kind: 'pattern', pattern: 'user:*' }])
    expect(await store.fill('user:1', early, Buffer.from('old'), TTL_MS)).to.equal(false)
    const fence = await store.fence('user')
    await store.put('user:1', fence, Buffer.from('new'), TTL_MS, 'if-absent')
    expect(await store.fill('user:1', early, Buffer.from('old'), TTL_MS)).to.equal(false)
    expect((await store.get('user:1'))?.value.toString()).to.equal('new')
  })

  it('what is filled with a lost lease, nor does that lease keep others waiting', async () => {
    const early = await leaseOn('user:1')
    await client.del(index())
    const late = await leaseOn('user:1')
    expect(await store.fill('user:1', early, Buffer.from('old'), TTL_MS)).to.equal(false)
    expect(await store.fill('user:1', late, Buffer.from('new'), TTL_MS)).to.equal(true)
  })

  it('a value that another program wrote', async () => {
    await client.set(`${keyPrefix}user:1`, 'foreign', 'EX', 60)
    expect(await store.get('user:1')).to.equal(null)
    const fence = await store.fence('user')
    expect(await store.put('user:1', fence, Buffer.from('x'), TTL_MS, 'if-absent')).to.equal('stored')
  })

  it('a value without an expiry', async () => {
    await write('user:1', 'old')
    await client.persist(`${keyPrefix}user:1`)
    expect(await store.get('user:1')).to.equal(null)
    expect((await store.lookup('user:1', NO_GRACE)).kind).to.equal('lease')
    expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
  })

  it('something of another type, and leaves it alone', async () => {
    for (const act of ['set', 'fill', 'put'] as const) {
      await write('user:1')
      await client.del(`${keyPrefix}user:1`)
      await client.rpush(`${keyPrefix}user:1`, 'a list')
      expect(await store.get('user:1')).to.equal(null)
      if (act === 'set') expect(await store.set('user:1', Buffer.from('new'), TTL_MS)).to.equal(false)
      if (act === 'fill') {
        const found = await store.lookup('user:1', { leaseMs: TTL_MS, graceMs: 0 })
        expect(found).to.deep.equal({ kind: 'foreign', type: 'list' })
      }
      if (act === 'put') {
        await store.put('user:1', await store.fence('user'), Buffer.from('new'), TTL_MS, 'replace')
      }
      expect(await store.get('user:1')).to.equal(null)
      await store.evict([{ kind: 'key', key: 'user:1' }])
      expect(await client.lrange(`${keyPrefix}user:1`, 0, -1)).to.deep.equal(['a list'])
      await client.del(`${keyPrefix}user:1`)
    }
  })

  it('garbage under the names of its bookkeeping, and mends that', async () => {
    await leaseOn('user:1')
    await store.fence('user')
    for (const name of [index(), leaseNameOf('user:1'), `${keyPrefix}#fences`, `${keyPrefix}#server`]) {
      await client.del(name)
      await client.rpush(name, 'not ours')
    }
    const fence = await store.fence('user')
    const lease = await leaseOn('user:1')
    expect(await store.fill('user:1', lease, Buffer.from('new'), TTL_MS)).to.equal(true)
    expect(await store.put('user:1', fence, Buffer.from('newer'), TTL_MS, 'replace')).to.equal('stored')
    expect((await store.get('user:1'))?.value.toString()).to.equal('newer')
  })

  it('garbage under the name of a page of the index, nor what that page listed', async () => {
    for (const act of ['read', 'write', 'evict'] as const) {
      await write('user:1', 'old')
      const [page = ''] = await pages()
      await client.del(page)
      await client.rpush(page, 'not ours')
      if (act === 'read') expect(await store.get('user:1')).to.equal(null)
      if (act === 'write') await write('user:2')
      expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(act === 'write' ? 1 : 0)
      expect(await store.get('user:1')).to.equal(null)
      expect(await client.exists(index())).to.equal(0)
    }
  })

  it('foreign bytes, and evicts them when their key is named', async () => {
    await client.set(`${keyPrefix}user:1`, 'foreign')
    expect(await store.evict([{ kind: 'key', key: 'user:1' }])).to.equal(1)
    await client.set(`${keyPrefix}user:1`, 'foreign')
    expect(await store.evict([{ kind: 'pattern', pattern: 'user:1' }])).to.equal(1)
    await client.set(`${keyPrefix}user:1`, 'foreign')
    expect(await store.evict([{ kind: 'glob', glob: 'user:1' }])).to.equal(1)
    expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
  })

  it('what is put behind a lost fence', async () => {
    const fence = await store.fence('user')
    await client.del(`${keyPrefix}#fences`)
    expect(await store.put('user:1', fence, Buffer.from('x'), TTL_MS, 'replace')).to.equal('refused')
  })
})
