import { expect } from 'chai'
import type { Store } from '#src/stores/store.js'
import { LONG_GRACE, leaseIn, NO_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

export function describeKeyLimits(tested: TestedStore): void {
  describe('a limit on keys', () => {
    const { textAt, write, writeAll, fillIn, eventually } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })

    const CAP = { prefix: 'search:', maxKeys: 3 }
    const HELD = ['search:a', 'search:b', 'search:c']
    const ask = (key: string, { keyLimit = CAP, leaseMs = 60_000, graceMs = 0 } = {}) =>
      store.lookup(key, { leaseMs, graceMs, keyLimit })
    const kindOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).kind
    const load = async (key: string, ttlMs = TTL_MS, keyLimit = CAP) =>
      store.fill(key, leaseIn(await ask(key, { keyLimit })), Buffer.from(key), ttlMs)
    const loadAll = async (keys: readonly string[], ttlMs = TTL_MS, keyLimit = CAP) => {
      for (const key of keys) expect(await load(key, ttlMs, keyLimit)).to.equal(true)
    }

    it('lets so many keys in and no more, while those that are there are served', async () => {
      await loadAll(HELD)
      expect(await ask('search:d')).to.deep.equal({ kind: 'full' })
      expect(await ask('search:e')).to.deep.equal({ kind: 'full' })
      for (const key of HELD) expect(await kindOf(key), key).to.equal('hit')
      expect(await textAt('search:d')).to.equal(null)
      expect(await store.evict([{ kind: 'pattern', pattern: 'search:*' }])).to.equal(3)
    })

    it('counts a key from its lease on, and lets further readers of it know who loads', async () => {
      const lease = leaseIn(await ask('search:a'))
      await ask('search:b')
      await ask('search:c')
      expect(await kindOf('search:d')).to.equal('full')
      expect(await ask('search:a')).to.deep.equal({ kind: 'busy', lease, stale: null })
      expect(await fillIn('search:a', lease)).to.equal(true)
    })

    it('lets a key be loaded again whose value is stale', async () => {
      await loadAll(HELD)
      const found = await ask('search:a', { graceMs: LONG_GRACE.graceMs })
      expect(found.kind === 'lease' && found.stale?.value.toString()).to.equal('search:a')
      expect(await fillIn('search:a', leaseIn(found), 'new')).to.equal(true)
      expect(await textAt('search:a')).to.equal('new')
    })

    it('has a place again for each key that is evicted, and for each lease given back', async () => {
      await loadAll(HELD)
      await store.evict([{ kind: 'key', key: 'search:b' }])
      const lease = leaseIn(await ask('search:d'))
      expect(await kindOf('search:e')).to.equal('full')
      await store.release('search:d', lease)
      expect(await load('search:e')).to.equal(true)
      expect(await kindOf('search:b')).to.equal('full')
    })

    it('has a place again for each value that expired', async () => {
      await loadAll(['search:a', 'search:b'])
      await load('search:c', 500)
      expect(await kindOf('search:d')).to.equal('full')
      await eventually('a place for it', async () => (await kindOf('search:d')) === 'lease')
      expect(await kindOf('search:e')).to.equal('full')
      for (const key of ['search:a', 'search:b']) expect(await kindOf(key), key).to.equal('hit')
    })

    it('has a place again for each lease of a reader that died', async () => {
      for (const key of HELD) await ask(key, { leaseMs: 40 })
      await eventually('a place for it', async () => (await kindOf('search:d')) === 'lease')
    })

    it('finds a dead key among many living ones, wherever it stands', async () => {
      const keyLimit = { prefix: 'search:', maxKeys: 200 }
      await writeAll(Array.from({ length: 199 }, (_, id) => `search:${id}x`))
      await writeAll(Array.from({ length: 300 }, (_, id) => `rows:${id}`))
      await load('search:5', 1, keyLimit)
      await store.set('later', Buffer.from('x'), 1)
      await eventually('it to expire', async () => (await store.get('later')) === null)
      let refused = 0
      while ((await kindOf('search:new', { keyLimit })) === 'full') {
        refused += 1
        if (refused > 5_000) throw new Error('the dead keep it full')
      }
    })

    it('counts by the whole prefix and nothing else', async () => {
      await loadAll(HELD)
      await writeAll(['search', 'searching:1', 'search-:1', 'task:1', 'task:2', 'task:3', 'task:4', 'zzz'])
      expect(await kindOf('search:d')).to.equal('full')
      expect(await kindOf('task:5', { keyLimit: { prefix: 'task:', maxKeys: 5 } })).to.equal('lease')
      expect(await kindOf('task:6', { keyLimit: { prefix: 'task:', maxKeys: 5 } })).to.equal('full')
      expect(await kindOf('users:list:1', { keyLimit: { prefix: 'users:list:', maxKeys: 1 } })).to.equal(
        'lease',
      )
      await store.evict([{ kind: 'pattern', pattern: 'task:*' }])
      expect(await kindOf('search:d')).to.equal('full')
    })

    it('is shared by those who name the same prefix, and counts what has a longer one', async () => {
      await loadAll(['search:a', 'search:deep:b', 'search:c#en'])
      expect(await kindOf('search:d')).to.equal('full')
      expect(await kindOf('search:d', { keyLimit: { prefix: 'search:', maxKeys: 4 } })).to.equal('lease')
      expect(await kindOf('search:deep:c', { keyLimit: { prefix: 'search:deep:', maxKeys: 1 } })).to.equal(
        'full',
      )
      expect(await kindOf('other', { keyLimit: { prefix: '', maxKeys: 4 } })).to.equal('full')
      expect(await kindOf('other', { keyLimit: { prefix: '', maxKeys: 5 } })).to.equal('lease')
    })

    it('holds for lookups alone: what is set or put comes in, and counts', async () => {
      await loadAll(HELD)
      await write('search:set')
      const fence = await store.fence('search')
      expect(await store.put('search:put', fence, Buffer.from('x'), TTL_MS, 'if-absent')).to.equal('stored')
      expect(await kindOf('search:set')).to.equal('hit')
      expect(await kindOf('search:put')).to.equal('hit')
      await store.evict([{ kind: 'key', key: 'search:a' }])
      expect(await kindOf('search:d')).to.equal('full')
    })

    it('is not for those who name none', async () => {
      await loadAll(HELD)
      expect((await store.lookup('search:d', NO_GRACE)).kind).to.equal('lease')
    })

    it('lets no more in when many ask at once', async () => {
      const keys = Array.from({ length: 50 }, (_, id) => `search:${id}`)
      const kinds = await Promise.all(keys.map((key) => kindOf(key)))
      expect(kinds.filter((kind) => kind === 'lease')).to.have.lengthOf(3)
      expect(kinds.filter((kind) => kind === 'full')).to.have.lengthOf(47)
    })
  })
}
