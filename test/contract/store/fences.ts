import { expect } from 'chai'
import type { Store } from '#src/stores/store.js'
import { LONG_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

export function describeFences(tested: TestedStore): void {
  describe('fences', () => {
    const { textAt, write, writeAll, leaseOn, fillIn, heldOf } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })

    const put = (key: string, fence: string, text: string, mode: 'replace' | 'if-absent' = 'replace') =>
      store.put(key, fence, Buffer.from(text), TTL_MS, mode)

    it('are one token for everyone of a group, and another for each other group', async () => {
      const fence = await store.fence('user')
      expect(await store.fence('user')).to.equal(fence)
      expect(await store.fence('task')).to.not.equal(fence)
    })

    const breaking: Record<string, () => Promise<unknown>> = {
      'a key of the group is evicted': () => store.evict([{ kind: 'key', key: 'user:2' }]),
      'a pattern of the group is evicted': () => store.evict([{ kind: 'pattern', pattern: 'user:*' }]),
      'a pattern of all groups is evicted': () => store.evict([{ kind: 'pattern', pattern: '*:1' }]),
      'a glob of the group is evicted': () => store.evict([{ kind: 'glob', glob: 'user:*' }]),
      'everything is evicted': () => store.evict([{ kind: 'glob', glob: '*' }]),
      'a glob that may reach the group is evicted': () => store.evict([{ kind: 'glob', glob: 'us*' }]),
      'a key of the group is set': () => write('user:2'),
      'a key of the group is put': async () => put('user:2', await store.fence('user'), 'x'),
      'a variant of the group’s own key is evicted': () => store.evict([{ kind: 'key', key: 'user#en' }]),
    }
    for (const [event, act] of Object.entries(breaking)) {
      it(`fall when ${event}`, async () => {
        const fence = await store.fence('user')
        await act()
        expect(await put('user:1', fence, 'old', 'if-absent')).to.equal('refused')
        expect(await put('user:1', fence, 'old')).to.equal('refused')
        expect(await textAt('user:1')).to.equal(null)
        expect(await store.fence('user')).to.not.equal(fence)
      })
    }

    const harmless: Record<string, () => Promise<unknown>> = {
      'another group is evicted': () =>
        store.evict([
          { kind: 'key', key: 'users:1' },
          { kind: 'pattern', pattern: 'task:*' },
          { kind: 'glob', glob: 'use:*' },
        ]),
      'a loaded value is stored': async () => fillIn('user:2', await leaseOn('user:2')),
      'a lease is given back': async () => store.release('user:2', await leaseOn('user:2')),
      'a value is put where none was': async () => put('user:2', await store.fence('user'), 'x', 'if-absent'),
    }
    for (const [event, act] of Object.entries(harmless)) {
      it(`stand when ${event}`, async () => {
        const fence = await store.fence('user')
        await act()
        expect(await put('user:1', fence, 'new')).to.equal('stored')
        expect(await textAt('user:1')).to.equal('new')
      })
    }

    it('guard a group whose only key has no separator, and its variants', async () => {
      const fence = await store.fence('health')
      expect(await put('health#en', fence, 'new', 'if-absent')).to.equal('stored')
      await store.evict([{ kind: 'key', key: 'health' }])
      expect(await put('health#en', fence, 'old', 'if-absent')).to.equal('refused')
    })

    it('leave nothing under a key when two writers began behind the same one', async () => {
      const fence = await store.fence('user')
      expect(await put('user:1', fence, 'one')).to.equal('stored')
      expect(await put('user:1', fence, 'two')).to.equal('refused')
      expect(await textAt('user:1')).to.equal(null)
    })

    it('evict value, variants and leases when a replacement is refused', async () => {
      const fence = await store.fence('user')
      await writeAll(['user:1', 'user:1#en'])
      const lease = await leaseOn('user:1', LONG_GRACE)
      expect(await put('user:1', fence, 'old')).to.equal('refused')
      expect(await heldOf(['user:1', 'user:1#en'])).to.deep.equal([])
      expect(await fillIn('user:1', lease)).to.equal(false)
    })

    it('take the variants away with a replacement', async () => {
      await writeAll(['user:1', 'user:1#en'])
      expect(await put('user:1', await store.fence('user'), 'new')).to.equal('stored')
      expect(await textAt('user:1')).to.equal('new')
      expect(await textAt('user:1#en')).to.equal(null)
    })

    it('keep what is there, in the mode that only fills gaps', async () => {
      await write('user:1', 'there')
      expect(await put('user:1', await store.fence('user'), 'mine', 'if-absent')).to.equal('present')
      expect(await put('user:1', 'made-up', 'mine', 'if-absent')).to.equal('present')
      expect(await textAt('user:1')).to.equal('there')
    })

    it('leave the one who is loading alone, in the mode that only fills gaps', async () => {
      const lease = await leaseOn('user:1')
      expect(await put('user:1', await store.fence('user'), 'mine', 'if-absent')).to.equal('present')
      expect(await textAt('user:1')).to.equal(null)
      expect(await fillIn('user:1', lease, 'loaded')).to.equal(true)
      expect(await textAt('user:1')).to.equal('loaded')
    })

    it('refuse a token that was never given, also where none stands', async () => {
      for (const token of ['', '.', 'made-up', 'a.b', 'undefined.undefined', 'false.false']) {
        expect(await put('user:1', token, 'x')).to.equal('refused')
        expect(await put('user:1', token, 'x', 'if-absent')).to.equal('refused')
      }
      expect(await textAt('user:1')).to.equal(null)
    })
  })
}
