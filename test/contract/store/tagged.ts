import { expect } from 'chai'
import type { Store } from '#src/stores/store.js'
import { LONG_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

const LIMIT = 1_000

export function describeTagged(tested: TestedStore): void {
  describe('asked for the entries that carry tags,', () => {
    const { textAt, write, leaseOn } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })
    const fillTagged = async (key: string, tags: readonly string[], ttlMs = TTL_MS) => {
      const lease = await leaseOn(key)
      return store.fill(key, lease, Buffer.from(key), ttlMs, tags)
    }
    const found = async (tags: readonly string[], limit = LIMIT) => {
      const entries = await store.tagged(tags, limit)
      return Object.fromEntries(entries.map((entry) => [entry.key, [...entry.tags].sort()]))
    }

    it('gives each once, with those of the tags that it carries', async () => {
      await fillTagged('article:1', ['author:7', 'topic:a', 'x'])
      await fillTagged('article:1#en', ['author:7'])
      await fillTagged('article:2', ['author:70', 'author', 'author:7:x'])
      await fillTagged('feed', [])
      await write('author:7')
      expect(await found(['author:7', 'nothing', 'topic:a'])).to.deep.equal({
        'article:1': ['author:7', 'topic:a'],
        'article:1#en': ['author:7'],
      })
      expect(await found(['nothing'])).to.deep.equal({})
      expect(await found([])).to.deep.equal({})
    })

    it('gives what is stale as well, and nothing that was evicted, expired, or has other tags now', async () => {
      for (const key of ['stale', 'evicted', 'expired', 'retagged']) {
        await fillTagged(key, ['t'], key === 'expired' ? 20 : TTL_MS)
      }
      expect(await store.lookup('stale', LONG_GRACE)).to.have.property('kind', 'lease')
      await store.evict([{ kind: 'key', key: 'evicted' }])
      const fence = await store.fence('retagged')
      await store.put('retagged', fence, Buffer.from('new'), TTL_MS, 'replace', ['u'])
      await tested.eventually('the end of an entry', async () => (await textAt('expired')) === null)
      expect(await found(['t'])).to.deep.equal({ stale: ['t'] })
    })

    it('tells an entry from the one that is stored under its key later', async () => {
      const identity = async () => (await store.tagged(['t'], LIMIT)).map((entry) => entry.identity)
      await fillTagged('a', ['t'])
      const first = await identity()
      await textAt('a')
      expect(await identity()).to.deep.equal(first)
      await store.evict([{ kind: 'tag', tag: 't' }])
      expect(await identity()).to.deep.equal([])
      // With another life, so that it does not matter whether a millisecond has gone by.
      await fillTagged('a', ['t'], TTL_MS + 1_000)
      const second = await identity()
      expect(second).to.have.lengthOf(1)
      expect(second).to.not.deep.equal(first)
      await store.set('a', Buffer.from('set'), TTL_MS + 2_000)
      expect(await identity()).to.have.lengthOf(1)
      expect(await identity()).to.not.deep.equal(second)
    })

    it('gives many, and no more than it is asked for', async function () {
      this.timeout(30_000)
      const ids = Array.from({ length: 450 }, (_, id) => id)
      const tagsOf = (id: number) => ['all', `one:${id}`, `half:${id % 2}`]
      await Promise.all(ids.map((id) => fillTagged(`a:${id}`, tagsOf(id))))
      expect(Object.keys(await found(['all', 'half:0']))).to.have.lengthOf(450)
      expect(Object.keys(await found(['half:1', 'none']))).to.have.lengthOf(225)
      expect(Object.keys(await found(['all'], 201))).to.have.lengthOf(201)
      const ones = await found(ids.map((id) => `one:${id}`))
      expect(ones).to.deep.equal(Object.fromEntries(ids.map((id) => [`a:${id}`, [`one:${id}`]])))
    })

    it('changes nothing', async () => {
      await fillTagged('a', ['t'])
      await found(['t'])
      expect(await textAt('a')).to.equal('a')
      expect(await store.evict([{ kind: 'tag', tag: 't' }])).to.equal(1)
    })
  })
}
