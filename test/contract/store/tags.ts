import { expect } from 'chai'
import fc from 'fast-check'
import type { Store, TagSelector } from '#src/stores/store.js'
import { LONG_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

const byTag = (tag: string): TagSelector => ({ kind: 'tag', tag })

export function describeTags(tested: TestedStore): void {
  describe('as to tags,', () => {
    const { textAt, write, leaseOn, fillIn, heldOf } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })
    const fillTagged = async (key: string, tags: readonly string[], text = key) => {
      const lease = await leaseOn(key)
      return store.fill(key, lease, Buffer.from(text), TTL_MS, tags)
    }

    it('removes what carries a tag and nothing else, and says how many values that were', async () => {
      await fillTagged('article:1', ['author:7', 'topic:a'])
      await fillTagged('article:2#en', ['author:7'])
      await fillTagged('article:2', ['author:70', 'author:7:x', 'author'])
      await fillTagged('feed', [])
      await write('author:7')
      expect(await store.evict([byTag('author:7')])).to.equal(2)
      const left = ['article:2', 'feed', 'author:7']
      expect(await heldOf(['article:1', 'article:2#en', ...left])).to.deep.equal(left)
      expect(await store.evict([byTag('author:7')])).to.equal(0)
      expect(await store.evict([byTag('topic:a')])).to.equal(0)
    })

    it('leaves the variants of a key alone that carry no such tag', async () => {
      await fillTagged('article:1', ['author:7'])
      await fillTagged('article:1#en', ['author:8'])
      expect(await store.evict([byTag('author:7')])).to.equal(1)
      expect(await heldOf(['article:1', 'article:1#en'])).to.deep.equal(['article:1#en'])
    })

    it('removes what carries one of the tags that begin alike', async () => {
      await fillTagged('a', ['author:7'])
      await fillTagged('b', ['author:8:x'])
      await fillTagged('c', ['author', 'authors:7'])
      expect(await store.evict([{ kind: 'tags', prefix: 'author:' }])).to.equal(2)
      expect(await heldOf(['a', 'b', 'c'])).to.deep.equal(['c'])
      expect(await store.evict([{ kind: 'tags', prefix: '' }])).to.equal(1)
    })

    it('takes tags and keys at once and counts no value twice', async () => {
      await fillTagged('a', ['x', 'y'])
      await fillTagged('b', ['y'])
      await write('c')
      expect(
        await store.evict([
          byTag('x'),
          { kind: 'key', key: 'a' },
          byTag('y'),
          { kind: 'pattern', pattern: 'c' },
        ]),
      ).to.equal(3)
      expect(await heldOf(['a', 'b', 'c'])).to.deep.equal([])
    })

    it('removes what carries a tag and is stale', async () => {
      await fillTagged('a', ['x'])
      const found = await store.lookup('a', LONG_GRACE)
      expect(found).to.have.property('stale').that.is.not.equal(null)
      expect(await store.evict([byTag('x')])).to.equal(1)
      expect(await store.lookup('a', LONG_GRACE)).to.deep.include({ kind: 'lease', stale: null })
    })

    it('stores nothing that was loaded before one of its tags was evicted', async () => {
      for (const selector of [
        byTag('x'),
        { kind: 'tags', prefix: 'x' },
        { kind: 'tags', prefix: '' },
      ] as const) {
        const early = await leaseOn('a')
        await store.evict([byTag('y'), selector])
        expect(await store.fill('a', early, Buffer.from('old'), TTL_MS, ['z', 'x'])).to.equal(false)
        // The load has ended, so that others need not wait for its lease to run out.
        const late = await leaseOn('a')
        expect(await store.fill('a', late, Buffer.from('new'), TTL_MS, ['z', 'x'])).to.equal(true)
        expect(await textAt('a')).to.equal('new')
        await store.evict([{ kind: 'key', key: 'a' }])
      }
    })

    it('stores what was loaded meanwhile and carries no such tag', async () => {
      const [tagged, plain] = [await leaseOn('a'), await leaseOn('b')]
      await store.evict([byTag('x')])
      expect(await store.fill('a', tagged, Buffer.from('a'), TTL_MS, ['y'])).to.equal(true)
      expect(await fillIn('b', plain)).to.equal(true)
    })

    it('forgets the evictions of many tags, and then stores nothing with tags that was loaded before', async function () {
      this.timeout(60_000)
      const early = await leaseOn('a')
      const plain = await leaseOn('b')
      const tags = Array.from({ length: 12_000 }, (_, id) => byTag(`t:${id}`))
      await store.evict([byTag('x')])
      await store.evict(tags)
      expect(await store.fill('a', early, Buffer.from('old'), TTL_MS, ['x'])).to.equal(false)
      expect(await fillIn('b', plain)).to.equal(true)
      expect(await fillTagged('a', ['x'])).to.equal(true)
    })

    it('keeps a value with the tags that it was filled with last', async () => {
      await fillTagged('a', ['x', 'y'], 'first')
      const found = await store.lookup('a', LONG_GRACE)
      if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
      await store.fill('a', found.lease, Buffer.from('second'), TTL_MS, ['y', 'z'])
      expect(await store.evict([byTag('x')])).to.equal(0)
      expect(await textAt('a')).to.equal('second')
      expect(await store.evict([byTag('z')])).to.equal(1)
    })

    it('gives a fresh value with its tags where they are needed', async () => {
      const needsTags = { leaseMs: 60_000, graceMs: 0, needsTags: true }
      for (const tags of [['x', 'y:1'], []]) {
        await fillTagged('a', tags)
        const found = await store.lookup('a', needsTags)
        expect(found).to.deep.include({ kind: 'hit', tags })
        expect(found.kind === 'hit' && found.value.toString()).to.equal('a')
        await store.evict([{ kind: 'key', key: 'a' }])
      }
    })

    it('lets a value without tags take the place of one with some', async () => {
      await fillTagged('a', ['x'], 'first')
      const found = await store.lookup('a', LONG_GRACE)
      if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
      await fillIn('a', found.lease, 'second')
      expect(await store.evict([byTag('x')])).to.equal(0)
      expect(await textAt('a')).to.equal('second')
    })

    it('keeps the tags of an entry that is set', async () => {
      await fillTagged('a', ['x'], 'first')
      await write('a', 'second')
      expect(await store.evict([byTag('x')])).to.equal(1)
      expect(await textAt('a')).to.equal(null)
    })

    it('keeps the tags of an entry that is put without any, and takes those that are given', async () => {
      await fillTagged('article:1', ['x'], 'first')
      const put = async (text: string, tags?: readonly string[]) => {
        const fence = await store.fence('article')
        return store.put('article:1', fence, Buffer.from(text), TTL_MS, 'replace', tags)
      }
      expect(await put('second')).to.equal('stored')
      expect(await store.evict([byTag('x')])).to.equal(1)
      expect(await put('third', ['y'])).to.equal('stored')
      expect(await store.evict([byTag('x')])).to.equal(0)
      expect(await textAt('article:1')).to.equal('third')
      expect(await store.evict([byTag('y')])).to.equal(1)
    })

    it('refuses what was computed behind a fence before one of its tags was evicted', async () => {
      for (const mode of ['replace', 'if-absent'] as const) {
        const fence = await store.fence('article')
        await store.evict([byTag('x')])
        const put = (tags: readonly string[]) =>
          store.put('article:1', fence, Buffer.from('old'), TTL_MS, mode, tags)
        expect(await put(['x'])).to.equal('refused')
        expect(await textAt('article:1')).to.equal(null)
      }
      const fence = await store.fence('article')
      await store.evict([byTag('x')])
      expect(await store.put('article:1', fence, Buffer.from('new'), TTL_MS, 'replace', ['y'])).to.equal(
        'stored',
      )
    })

    it('refuses what was put without tags where an entry was removed by one', async () => {
      await fillTagged('article:1', ['x'])
      const fence = await store.fence('article')
      await store.evict([byTag('x')])
      expect(await store.put('article:1', fence, Buffer.from('old'), TTL_MS, 'replace')).to.equal('refused')
    })

    it('removes a thousand entries of a tag, among as many of others', async function () {
      this.timeout(30_000)
      const ids = Array.from({ length: 1_000 }, (_, id) => id)
      const tagsOf = (id: number) => Array.from({ length: 10 }, (_, nth) => `t:${nth}:${id % 2}`)
      await Promise.all(ids.map((id) => fillTagged(`a:${id}`, tagsOf(id))))
      expect(await store.evict([byTag('t:3:0')])).to.equal(500)
      expect(await store.evict([byTag('t:3:0')])).to.equal(0)
      expect(await store.evict([byTag('t:4:1'), byTag('t:5:0')])).to.equal(500)
    })

    it('removes exactly what carries the tags, whatever came before', async function () {
      this.timeout(60_000)
      const tag = fc.constantFrom('a', 'a:b', 'ab', 'é', 'a\u0001', '~')
      const key = fc.constantFrom('a', 'a:b', 'b', 'b#v', 'é:1')
      const step = fc.oneof(
        fc.record({ kind: fc.constant('fill' as const), key, tags: fc.uniqueArray(tag, { maxLength: 3 }) }),
        fc.record({ kind: fc.constant('evict' as const), tag }),
        fc.record({ kind: fc.constant('delete' as const), key }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          await store.evict([{ kind: 'pattern', pattern: '*' }])
          const carried = new Map<string, readonly string[]>()
          for (const next of steps) {
            if (next.kind === 'fill') {
              await store.evict([{ kind: 'glob', glob: next.key }])
              for (const held of carried.keys()) if (held.startsWith(`${next.key}#`)) carried.delete(held)
              await fillTagged(next.key, next.tags)
              carried.set(next.key, next.tags)
            } else if (next.kind === 'evict') {
              const covered = [...carried].filter(([, tags]) => tags.includes(next.tag))
              expect(await store.evict([byTag(next.tag)])).to.equal(covered.length)
              for (const [held] of covered) carried.delete(held)
            } else {
              await store.evict([{ kind: 'key', key: next.key }])
              for (const held of [...carried.keys()]) {
                if (held === next.key || held.startsWith(`${next.key}#`)) carried.delete(held)
              }
            }
            expect(await heldOf(['a', 'a:b', 'b', 'b#v', 'é:1'])).to.have.members([...carried.keys()])
          }
        }),
        { numRuns: 60 },
      )
    })
  })
}
