import { expect } from 'chai'
import type { BrowsedEntry, BrowsedPage } from '#src/stores/browsing.js'
import type { Store } from '#src/stores/store.js'
import { LONG_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

const LIMIT = 1_000

export function describeBrowsing(tested: TestedStore): void {
  describe('for people who look,', () => {
    const { textAt, write, writeAll, leaseOn, fillIn } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })
    const browsed = async (prefix: string, limit = LIMIT): Promise<BrowsedEntry[]> => {
      const entries: BrowsedEntry[] = []
      for (let after: string | null = ''; after !== null; ) {
        const page: BrowsedPage = await store.browse({ prefix, after, limit })
        expect(page.entries.length).to.be.at.most(limit)
        entries.push(...page.entries)
        after = page.next
      }
      return entries
    }
    const keysUnder = async (prefix: string, limit?: number) =>
      (await browsed(prefix, limit)).map(({ key }) => key)

    it('gives the entries whose keys begin alike, in the order of the bytes of these', async () => {
      const keys = ['a', 'a:1', 'a:1#en', 'a:10', 'a:2', 'ab:1', 'b:1', 'b:é', 'b:\u{ff5e}', 'b:\u{1f600}']
      await writeAll([...keys].reverse())
      expect(await keysUnder('')).to.deep.equal(keys)
      expect(await keysUnder('a')).to.deep.equal(keys.slice(0, 6))
      expect(await keysUnder('a:')).to.deep.equal(['a:1', 'a:1#en', 'a:10', 'a:2'])
      expect(await keysUnder('a:1')).to.deep.equal(['a:1', 'a:1#en', 'a:10'])
      expect(await keysUnder('a:1#')).to.deep.equal(['a:1#en'])
      expect(await keysUnder('b:*')).to.deep.equal([])
      expect(await keysUnder('c')).to.deep.equal([])
      for (const limit of [1, 3, 10]) expect(await keysUnder('', limit)).to.deep.equal(keys)
    })

    it('says of each how many bytes it has, how long it lives and what it carries', async () => {
      await fillIn('a:1', await leaseOn('a:1'), 'größe', ['author:7', 'x'])
      await store.set('a:2', Buffer.alloc(100_000), 2 * TTL_MS)
      const [one, two, ...more] = await browsed('a:')
      expect(more).to.deep.equal([])
      expect(one).to.include({ key: 'a:1', bytes: 7 })
      expect([...(one?.tags ?? [])].sort()).to.deep.equal(['author:7', 'x'])
      expect(one?.remainingMs).to.be.within(TTL_MS - 30_000, TTL_MS)
      expect(two).to.deep.include({ key: 'a:2', bytes: 100_000, tags: [] })
      expect(two?.remainingMs).to.be.within(2 * TTL_MS - 30_000, 2 * TTL_MS)
    })

    it('gives what is stale as well, and no leases, nor what was evicted, expired or replaced', async () => {
      await writeAll(['a:evicted', 'a:fresh', 'a:replaced', 'a:stale'])
      await store.set('a:expired', Buffer.from('x'), 20)
      await leaseOn('a:lease')
      await leaseOn('a:stale', LONG_GRACE)
      await store.evict([{ kind: 'key', key: 'a:evicted' }])
      await write('a:replaced', 'longer than before')
      await tested.eventually('the end of an entry', async () => (await textAt('a:expired')) === null)
      const found = (await browsed('a:')).map(({ key, bytes }) => [key, bytes])
      expect(found).to.deep.equal([
        ['a:fresh', 'a:fresh'.length],
        ['a:replaced', 'longer than before'.length],
        ['a:stale', 'a:stale'.length],
      ])
    })

    it('goes on behind a key that has gone meanwhile, or never was there', async () => {
      await writeAll(['a:1', 'a:2', 'a:3', 'b:1'])
      const keysAfter = async (after: string) =>
        (await store.browse({ prefix: 'a:', after, limit: LIMIT })).entries.map(({ key }) => key)
      const { next } = await store.browse({ prefix: 'a:', limit: 2 })
      expect(next).to.equal('a:2')
      await store.evict([{ kind: 'key', key: 'a:2' }])
      expect(await keysAfter('a:2')).to.deep.equal(['a:3'])
      expect(await keysAfter('a')).to.deep.equal(['a:1', 'a:3'])
      expect(await keysAfter('0')).to.deep.equal(['a:1', 'a:3'])
      expect(await keysAfter('a:4')).to.deep.equal([])
      expect(await keysAfter('c')).to.deep.equal([])
    })

    it('gives many, page by page, and counts them', async function () {
      this.timeout(30_000)
      const keys = Array.from({ length: 700 }, (_, id) => `${id % 3 ? 'item' : 'row'}:${id}`)
      await writeAll(keys)
      const items = keys.filter((key) => key.startsWith('item:')).sort()
      expect(await keysUnder('', 90)).to.deep.equal([...keys].sort())
      expect(await keysUnder('item:', 90)).to.deep.equal(items)
      expect(await keysUnder('item:')).to.deep.equal(items)
      const counts = await Promise.all(
        ['', 'item:', 'item:1', 'row', 'none'].map((prefix) => store.count(prefix)),
      )
      const beginning = (start: string) => keys.filter((key) => key.startsWith(start)).length
      expect(counts).to.deep.equal([700, items.length, beginning('item:1'), beginning('row'), 0])
    })

    it('finds an entry behind very many keys that have none', async function () {
      this.timeout(30_000)
      const ids = Array.from({ length: 450 }, (_, id) => `a:${String(id).padStart(3, '0')}`)
      await Promise.all(ids.map((key) => leaseOn(key)))
      await write('a:999')
      expect(await keysUnder('a:', 1)).to.deep.equal(['a:999'])
      expect(await store.count('a:')).to.equal(451)
    })

    it('changes nothing, and counts as no use', async () => {
      await fillIn('a', await leaseOn('a'), 'a', ['t'])
      const lease = await leaseOn('b')
      await browsed('')
      await store.count('')
      expect(await textAt('a')).to.equal('a')
      expect(await fillIn('b', lease)).to.equal(true)
      expect(await store.evict([{ kind: 'tag', tag: 't' }])).to.equal(1)
    })
  })
}
