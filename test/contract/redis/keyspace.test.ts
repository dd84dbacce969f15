import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { install } from '../../support/fake-time.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import { DEADLINE_MS, namesUnder, newPrefix, nth, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

describeOnEachClient('what a RedisStore keeps in Redis', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { storeOn, write, writeMany, leaseOn, index, pages, listed } = redis
  let client: Redis
  let keyPrefix: string
  let store: RedisStore
  beforeEach(() => {
    ;({ client, keyPrefix, store } = redis)
  })

  it('is the plain value under exactly the key, with its lifetime', async () => {
    await write('customer:42', '{"id":42}')
    expect(await client.get(`${keyPrefix}customer:42`)).to.equal('{"id":42}')
    expect(await client.pttl(`${keyPrefix}customer:42`)).to.be.within(TTL_MS - 10_000, TTL_MS)

    const lease = await leaseOn('customer:43')
    await store.fill('customer:43', lease, Buffer.from('{"id":43}'), 30_000)
    expect(await client.get(`${keyPrefix}customer:43`)).to.equal('{"id":43}')
    expect(await client.pttl(`${keyPrefix}customer:43`)).to.be.within(20_000, 30_000)
  })

  it('all has an expiry, and the index outlives what it lists', async () => {
    await write('customer:1')
    await leaseOn('customer:2')
    const fence = await store.fence('customer')
    await store.put('customer:3', fence, Buffer.from('x'), 90_000, 'if-absent')
    await leaseOn('customer:4')
    const names = await namesUnder(client, keyPrefix)
    expect(names.map((name) => name.replace(keyPrefix, ''))).to.have.members([
      ...['customer:1', 'customer:3', '#lease:customer:2', '#lease:customer:4'],
      ...['#index', ...(await pages()).map((page) => page.replace(keyPrefix, ''))],
      ...['#fences', '#marks', '#server'],
    ])
    for (const name of names) expect(await client.pttl(name), name).to.be.greaterThan(0)
    for (const name of [index(), ...(await pages())]) {
      expect(await client.pttl(name), name).to.be.within(80_000, 90_000)
    }
  })

  it('is gone after some seconds, as to what processes say while somebody looks', async () => {
    await store.gathering?.look()
    await store.gathering?.ask({ id: 'question', text: 'x' })
    await store.gathering?.report('x')
    await store.gathering?.answer('question', 'x')
    const names = (await namesUnder(client, keyPrefix)).filter((name) => !name.endsWith('#server'))
    const said = names.map((name) => name.replace(keyPrefix, '').replace(/:[^:]+/, ':<process>'))
    expect(said).to.have.members(['#watch', '#questions', '#report:<process>', '#answer:<process>:question'])
    for (const name of names) expect(await client.pttl(name), name).to.be.within(1, 5_000)
  })

  it('is an index of pages, none of which lives longer than what it lists', async () => {
    // Backwards, so that what is split off gets no more keys.
    for (let id = 500; id > 0; id -= 1) await write(nth(id))
    const [first = '', second = '', ...more] = await pages()
    expect(more.length).to.be.greaterThan(3)
    for (const page of await pages()) expect(await client.pttl(page), page).to.be.within(1, TTL_MS)
    await store.set((await client.zrange(second, '0', '0'))[0] as string, Buffer.from('x'), 5 * TTL_MS)
    expect(await client.pttl(first)).to.be.at.most(TTL_MS)
    expect(await client.pttl(second)).to.be.within(4 * TTL_MS, 5 * TTL_MS)
    expect(await client.pttl(index())).to.be.within(4 * TTL_MS, 5 * TTL_MS)
  })

  it('is nothing once all is evicted but the name of the server, the count of evictions by tag and the fences of other groups', async () => {
    await write('customer:1')
    await leaseOn('customer:2')
    await store.fence('customer')
    await store.evict([{ kind: 'pattern', pattern: 'customer:*' }])
    expect(await namesUnder(client, keyPrefix)).to.have.members([`${keyPrefix}#marks`, `${keyPrefix}#server`])
    await store.fence('customer')
    await store.fence('user')
    await store.evict([{ kind: 'pattern', pattern: 'customer:*' }])
    expect(await client.hkeys(`${keyPrefix}#fences`)).to.deep.equal(['user'])
  })

  describe('of entries with tags', () => {
    const tagsName = async () => {
      const [entry] = await client.zrangeBuffer(index(), '-1', '-1')
      return `${index()}:${entry?.subarray(-16)}`
    }
    const fillTagged = async (key: string, tags: readonly string[]) =>
      store.fill(key, await leaseOn(key), Buffer.from('x'), TTL_MS, tags)

    it('are their tags, which have an expiry and go with them', async () => {
      await fillTagged('a', ['x', 'y'])
      await fillTagged('b', ['x'])
      expect(await client.zrange(await tagsName(), '0', '-1')).to.deep.equal(['x\0a', 'x\0b', 'y\0a'])
      for (const name of await namesUnder(client, keyPrefix)) {
        expect(await client.pttl(name), name).to.be.greaterThan(0)
      }
      await store.evict([{ kind: 'key', key: 'a' }])
      expect(await client.zrange(await tagsName(), '0', '-1')).to.deep.equal(['x\0b'])
      await store.evict([{ kind: 'pattern', pattern: '*' }])
      expect(await namesUnder(client, keyPrefix)).to.have.members([
        `${keyPrefix}#marks`,
        `${keyPrefix}#server`,
      ])
    })

    it('are not served once Redis has thrown the tags away and one is evicted', async () => {
      await fillTagged('a', ['x'])
      await fillTagged('b', ['y'])
      await client.del(await tagsName())
      expect(await store.evict([{ kind: 'tag', tag: 'x' }])).to.equal(0)
      expect(await store.get('a')).to.equal(null)
      expect(await fillTagged('a', ['x'])).to.equal(true)
      expect(await store.evict([{ kind: 'tag', tag: 'x' }])).to.equal(1)
    })

    it('are not served once Redis has thrown the tags away and another gets some', async () => {
      await fillTagged('a', ['x'])
      await client.del(await tagsName())
      expect(await fillTagged('b', ['x'])).to.equal(false)
      expect(await store.get('a')).to.equal(null)
      expect(await fillTagged('b', ['x'])).to.equal(true)
      expect(await store.evict([{ kind: 'tag', tag: 'x' }])).to.equal(1)
    })

    it('are missing without their record, where their tags are needed', async () => {
      const needsTags = { leaseMs: 60_000, graceMs: 0, needsTags: true }
      await fillTagged('a', ['x'])
      expect((await store.lookup('a', needsTags)).kind).to.equal('hit')
      await client.del(`${keyPrefix}#tags:a`)
      expect((await store.get('a'))?.value.toString()).to.equal('x')
      expect((await store.lookup('a', needsTags)).kind).to.equal('lease')
    })

    it('are lost with what another program has put in the place of the tags', async () => {
      await fillTagged('a', ['x'])
      await client.set(await tagsName(), 'not ours')
      expect(await store.evict([{ kind: 'tag', tag: 'x' }])).to.equal(0)
      expect(await store.get('a')).to.equal(null)
    })
  })

  it('belongs to its prefix alone', async () => {
    await write('a')
    const other = new RedisStore({
      client: redis.tested,
      keyPrefix: newPrefix(),
      deadlineMs: DEADLINE_MS,
      ownsClient: false,
    })
    expect(await other.get('a')).to.equal(null)
    expect(await other.evict([{ kind: 'pattern', pattern: '*' }])).to.equal(0)
    expect(await store.get('a')).to.not.equal(null)
  })

  describe('shrinks by itself, though nothing is evicted or written:', () => {
    let clock: Clock
    let idle: RedisStore
    beforeEach(() => {
      clock = install({ toFake: ['setInterval', 'clearInterval'] })
      idle = storeOn(redis.tested)
    })
    afterEach(async () => {
      await idle.close()
      clock.uninstall()
    })
    it('the index loses values that expired and leases of readers that died', async () => {
      for (let id = 0; id < 100; id += 1) await write(`alive:${id}`)
      await Promise.all(Array.from({ length: 300 }, (_, id) => store.set(`dead:${id}`, Buffer.from('x'), 1)))
      for (let id = 0; id < 600; id += 1) await store.lookup(`asked:${id}`, { leaseMs: 1, graceMs: 0 })
      // The store of the suite looks for what has died too, by the real time, which runs on a busy machine.
      expect((await listed()).length).to.be.within(300, 1_000)
      clock.tick(5_000)
      // It goes on at once while more than a quarter of what it looks at is dead.
      await until('the index to shrink', async () => (await listed()).length < 200)
      for (let turn = 0; turn < 20 && (await listed()).length > 100; turn += 1) {
        clock.tick(5_000)
        await idle.get('alive:1')
      }
      expect((await listed()).length).to.be.within(100, 110)
      expect(await idle.evict([{ kind: 'pattern', pattern: 'alive:*' }])).to.equal(100)
    })

    it('tags lose entries that expired, and those that carry others by now', async () => {
      const fillTagged = async (key: string, ttlMs: number, tags: readonly string[]) => {
        const found = await store.lookup(key, { leaseMs: 60_000, graceMs: 120_000 })
        if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
        return store.fill(key, found.lease, Buffer.from('x'), ttlMs, tags)
      }
      await Promise.all(Array.from({ length: 300 }, (_, id) => fillTagged(`dead:${id}`, 1, ['x', 'y'])))
      await fillTagged('alive', TTL_MS, ['old'])
      await client.del(`${keyPrefix}#tags:alive`)
      await fillTagged('alive', TTL_MS, ['new'])
      const [entry] = await client.zrangeBuffer(index(), '-1', '-1')
      const tags = `${index()}:${entry?.subarray(-16)}`
      expect(await client.zcard(tags)).to.equal(602)
      for (let turn = 0; turn < 20 && (await client.zcard(tags)) > 1; turn += 1) {
        clock.tick(5_000)
        await idle.get('alive')
      }
      await until('the tags to shrink', async () => (await client.zcard(tags)) === 1)
      expect(await client.zrange(tags, '0', '-1')).to.deep.equal(['new\0alive'])
    })

    it('the index loses pages that Redis dropped', async () => {
      await writeMany(500)
      const [first = '', second = '', ...left] = await pages()
      await client.del(first, second)
      clock.tick(5_000)
      await until('the pages to go', async () => (await pages()).length === left.length)
      expect(await pages()).to.deep.equal(left)
      // Before all pages that are left.
      await write('user:0000', 'new')
      expect((await store.get('user:0000'))?.value.toString()).to.equal('new')
    })
  })
})
