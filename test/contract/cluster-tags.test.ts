import { randomInt, randomUUID } from 'node:crypto'
import { install } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { Cluster } from 'ioredis'
import { ClusterStore } from '#src/stores/cluster/cluster-store.js'
import type { LookupOptions, TagSelector } from '#src/stores/store.js'
import { Random } from '../consistency/random.js'
import { heldBack } from '../support/held-back.js'
import { ownClusterForTests, type RedisCluster } from '../support/redis.js'
import { until } from '../support/until.js'
import { LONG_GRACE, leaseIn, NO_GRACE, TTL_MS } from './store/tested-store.js'

const KEYS = ['a', 'b', 'c:1', 'c:1#en', 'd:2']
const TAGS = ['x', 'y', 'z']
const STEPS = 4_000
const SWEEP_MS = 5_000
const byTag = (tag: string): TagSelector => ({ kind: 'tag', tag })

describe('the tags of a ClusterStore', () => {
  let cluster: RedisCluster
  let client: Cluster
  let keyPrefix: string
  let store: ClusterStore
  const others: ClusterStore[] = []

  before(async function () {
    cluster = await ownClusterForTests(this)
    client = new Cluster([...cluster.nodes])
    await client.ping()
  })
  beforeEach(() => {
    keyPrefix = `test-${randomUUID()}:`
    store = storeOn(client)
  })
  afterEach(async () => {
    await store.close()
    for (const other of others.splice(0)) await other.close()
    for (const name of await names()) await client.del(name)
  })
  after(async () => {
    await client?.quit()
    await cluster?.stop()
  })

  const storeOn = (on: Cluster) =>
    new ClusterStore({ client: on, keyPrefix, deadlineMs: 10_000, ownsClient: false })
  const names = async () => {
    const found = await Promise.all(client.nodes('master').map((node) => node.keys(`${keyPrefix}*`)))
    return found.flat().sort()
  }
  /** All that the indexes list, without their incarnations. */
  const indexed = async () => {
    const indexes = (await names()).filter((name) => name.endsWith('}index'))
    const members = await Promise.all(indexes.map((index) => client.zrangeBuffer(index, '0', '-1')))
    return members.flat().filter(([first]) => first !== 255)
  }
  const fill = async (key: string, tags: readonly string[], { text = key, ttlMs = TTL_MS } = {}) => {
    const lease = leaseIn(await store.lookup(key, LONG_GRACE))
    return store.fill(key, lease, Buffer.from(text), ttlMs, tags)
  }
  const textAt = async (key: string) => (await store.get(key))?.value.toString() ?? null

  it('are gone with the entry, by whatever it goes, and all that is kept of them expires', async () => {
    const ways: Record<string, () => Promise<unknown>> = {
      'its key': () => store.evict([{ kind: 'key', key: 'c:1' }]),
      'a pattern': () => store.evict([{ kind: 'pattern', pattern: 'c:*' }]),
      'a glob': () => store.evict([{ kind: 'glob', glob: '*' }]),
      'one of its tags': () => store.evict([byTag('y')]),
    }
    for (const [by, evict] of Object.entries(ways)) {
      await fill('c:1', TAGS)
      expect(await indexed(), by).to.have.lengthOf(5)
      for (const name of await names()) expect(await client.pttl(name), name).to.be.greaterThan(0)
      await evict()
      expect((await indexed()).map(String), by).to.deep.equal([])
    }
  })

  it('are found and evicted wherever the key is listed', async () => {
    const keys = Array.from({ length: 200 }, (_, nth) => `group${nth}:1`)
    await Promise.all(keys.map((key) => fill(key, ['x'])))
    expect((await names()).filter((name) => name.endsWith('}index'))).to.have.lengthOf(16)
    const early = await Promise.all(
      keys.map(async (key) => ({ key, lease: leaseIn(await store.lookup(key, LONG_GRACE)) })),
    )
    expect(await store.tagged(['x'], 1_000)).to.have.lengthOf(200)
    expect(await store.evict([byTag('x')])).to.equal(200)
    const late = await Promise.all(
      early.map(({ key, lease }) => store.fill(key, lease, Buffer.from('old'), TTL_MS, ['x'])),
    )
    expect(late).to.deep.equal(Array(200).fill(false))
    expect(await store.tagged(['x'], 1_000)).to.deep.equal([])
  })

  it('are gone with those of the value that another takes the place of', async () => {
    await fill('c:1', ['x', 'y'])
    await fill('c:1', ['y'])
    expect(await indexed()).to.have.lengthOf(3)
    const lease = leaseIn(await store.lookup('c:1', LONG_GRACE))
    await store.fill('c:1', lease, Buffer.from('untagged'), TTL_MS)
    expect(await indexed()).to.have.lengthOf(1)
  })

  it('are swept once their entries have expired', async () => {
    const clock = install({ toFake: ['setInterval', 'clearInterval'] })
    const sweeping = storeOn(client)
    try {
      for (const key of KEYS) await fill(key, TAGS, { ttlMs: 20 })
      await until('the end of the entries', async () =>
        (await Promise.all(KEYS.map(textAt))).every((text) => text === null),
      )
      await until('all to be swept', async () => {
        clock.tick(SWEEP_MS)
        return (await indexed()).length === 0
      })
    } finally {
      clock.uninstall()
      await sweeping.close()
    }
  })

  it('of a stale value lead to it until another has taken its place', async () => {
    await fill('c:1', ['x'], { text: 'old' })
    const slow = heldBack(client, { command: 'cacheableStore' })
    const other = storeOn(slow.client)
    others.push(other)
    const lease = leaseIn(await other.lookup('c:1', LONG_GRACE))
    const filling = other.fill('c:1', lease, Buffer.from('new'), TTL_MS, ['y'])
    await slow.asked
    expect(await store.evict([byTag('x')])).to.equal(1)
    expect(await textAt('c:1')).to.equal(null)
    slow.open()
    expect(await filling).to.equal(false)
    expect(await textAt('c:1')).to.equal(null)
  })

  it('of a value that could not be stored in its place are dropped, and its own stay', async () => {
    await fill('c:1', ['x'], { text: 'old' })
    const slow = heldBack(client, { command: 'cacheableStore' })
    const other = storeOn(slow.client)
    others.push(other)
    const lease = leaseIn(await other.lookup('c:1', LONG_GRACE))
    const filling = other.fill('c:1', lease, Buffer.from('new'), TTL_MS, ['y', 'z'])
    await slow.asked
    const [leaseName = ''] = (await names()).filter((name) => name.includes('#lease:'))
    await client.del(leaseName)
    slow.open()
    expect(await filling).to.equal(false)
    expect(await store.lookup('c:1', { ...NO_GRACE, needsTags: true })).to.deep.include({
      kind: 'hit',
      tags: ['x'],
    })
    expect(await store.evict([byTag('y')])).to.equal(0)
    expect(await store.evict([byTag('x')])).to.equal(1)
  })

  it('are not dropped by one who comes late to say that an older value was not stored', async () => {
    const slow = heldBack(client, { command: 'cacheableSettle' })
    const other = storeOn(slow.client)
    others.push(other)
    const lease = leaseIn(await other.lookup('c:1', NO_GRACE))
    const [leaseName = ''] = (await names()).filter((name) => name.includes('#lease:'))
    await client.del(leaseName)
    const filling = other.fill('c:1', lease, Buffer.from('old'), TTL_MS, ['x'])
    await slow.asked
    await fill('c:1', ['y'], { text: 'new' })
    slow.open()
    expect(await filling).to.equal(false)
    expect(await textAt('c:1')).to.equal('new')
    expect(await store.evict([byTag('y')])).to.equal(1)
  })

  it('are not taken for those of a value that took the place of the one read', async () => {
    await fill('c:1', ['x'], { text: 'old' })
    const slow = heldBack(client, { command: 'cacheableTags', nth: 2 })
    const other = storeOn(slow.client)
    others.push(other)
    const looking = other.lookup('c:1', { ...NO_GRACE, needsTags: true })
    await slow.asked
    await store.evict([byTag('x')])
    await fill('c:1', ['y'], { text: 'new' })
    slow.open()
    const found = await looking
    expect(found).to.deep.include({ kind: 'hit', tags: ['y'] })
    expect(found.kind === 'hit' && String(found.value)).to.equal('new')
  })

  it('are evicted ahead of what others ask later, all keys with them if that takes too long', async () => {
    const ids = Array.from({ length: 1_500 }, (_, id) => `c:${id}`)
    await fill('c:x', ['z'])
    await Promise.all(ids.map((key) => fill(key, ['x'])))
    await store.post([byTag('x')])
    expect(await textAt('c:1')).to.equal(null)
    expect(await textAt('c:x')).to.equal(null)
  })

  it('are evicted where there is no memory, and mark what is being loaded', async () => {
    await fill('c:1', ['x'])
    const early = leaseIn(await store.lookup('c:2', NO_GRACE))
    const limit = (bytes: string) =>
      Promise.all(client.nodes('master').map((node) => node.config('SET', 'maxmemory', bytes)))
    await limit('1')
    try {
      expect(await store.evict([byTag('x')])).to.equal(1)
    } finally {
      await limit('0')
    }
    expect(await store.fill('c:2', early, Buffer.from('old'), TTL_MS, ['x'])).to.equal(false)
    expect(await indexed()).to.deep.equal([])
  })

  it('leave no part of a posted eviction by pattern for later', async () => {
    const many = Array.from({ length: 450 }, (_, nth) => `t:${nth}`)
    await Promise.all(Array.from({ length: 25 }, (_, id) => fill(`c:${id}`, many)))
    await fill('c', [])
    await store.post([{ kind: 'pattern', pattern: 'c:*' }])
    expect(await Promise.all(['c:0', 'c:24', 'c'].map(textAt))).to.deep.equal([null, null, null])
  })

  it('leave nothing stale whatever Redis throws away', async function () {
    this.timeout(240_000)
    const seed = Number(process.env.SEED ?? randomInt(2 ** 32))
    const random = new Random(seed)
    /** When each tag, and each key, was evicted last, and when what lies under a key was loaded. */
    const evictedAt = new Map<string, number>()
    const loads: { key: string; lease: string; at: number }[] = []
    const stored = new Map<string, { at: number; tags: readonly string[] }>()
    let served = 0

    for (let now = 1; now <= STEPS; now += 1) {
      const key = random.oneOf(KEYS)
      const luck = random.next()
      if (luck < 0.5) {
        const needsTags = random.chance(0.3)
        const options: LookupOptions = { ...(random.chance(0.3) ? LONG_GRACE : NO_GRACE), needsTags }
        const found = await store.lookup(key, options)
        if (found.kind === 'lease') loads.push({ key, lease: found.lease, at: now })
        const value = found.kind === 'hit' ? found.value : 'stale' in found ? found.stale?.value : undefined
        if (!value) continue
        served += 1
        const { at, tags } = JSON.parse(value.toString())
        expect(stored.get(key), `seed ${seed}, step ${now}`).to.deep.equal({ at, tags })
        for (const mark of [`key ${key.split('#')[0]}`, ...tags]) {
          expect(evictedAt.get(mark) ?? 0, `seed ${seed}, step ${now}: ${mark} of ${key}`).to.be.below(at)
        }
        if (found.kind === 'hit' && needsTags)
          expect(found.tags, `seed ${seed}, step ${now}`).to.include.members(tags)
      } else if (luck < 0.8) {
        const [load] = loads.splice(random.below(loads.length), 1)
        if (!load) continue
        const tags = TAGS.filter(() => random.chance(0.4))
        const value = Buffer.from(JSON.stringify({ at: load.at, tags }))
        const carried = tags.length === 0 && random.chance(0.5) ? undefined : tags
        if (await store.fill(load.key, load.lease, value, TTL_MS, carried))
          stored.set(load.key, { at: load.at, tags })
      } else if (luck < 0.9) {
        const tag = random.oneOf(TAGS)
        await store.evict([byTag(tag)])
        evictedAt.set(tag, now)
      } else if (luck < 0.93) {
        await store.evict([{ kind: 'key', key }])
        evictedAt.set(`key ${key}`, now)
      } else {
        const lost = await names()
        if (lost.length > 0) await client.del(random.oneOf(lost))
      }
    }
    expect(served, `seed ${seed}`).to.be.greaterThan(100)
  })
})
