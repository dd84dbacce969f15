import { expect } from 'chai'
import type { Selector, Store } from '#src/stores/store.js'
import { type TestedStore, TTL_MS } from './tested-store.js'

export function describeLateFills(tested: TestedStore): void {
  describe('no value loaded before an eviction is stored after it', () => {
    const { textAt, write, leaseOn, fillIn } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })

    const evictions: Record<string, Selector> = {
      'its key': { kind: 'key', key: 'customers:list:1' },
      'a pattern': { kind: 'pattern', pattern: 'customers:list:*' },
      'a pattern with a star in the middle': { kind: 'pattern', pattern: 'customers:*:1' },
      'a pattern without a star': { kind: 'pattern', pattern: 'customers:list:1' },
      'the glob of everything': { kind: 'glob', glob: '*' },
      'a glob': { kind: 'glob', glob: 'cust*:?' },
      'a glob without a wildcard': { kind: 'glob', glob: 'customers:list:1' },
    }
    for (const [by, selector] of Object.entries(evictions)) {
      it(`by ${by}`, async () => {
        const early = await leaseOn('customers:list:1')
        expect(await store.evict([selector])).to.equal(0)
        expect(await fillIn('customers:list:1', early, 'old')).to.equal(false)
        const late = await leaseOn('customers:list:1')
        expect(await fillIn('customers:list:1', early, 'old')).to.equal(false)
        expect(await fillIn('customers:list:1', late, 'new')).to.equal(true)
        expect(await textAt('customers:list:1')).to.equal('new')
      })
    }

    it('by its key, for a variant', async () => {
      const early = await leaseOn('customer:1#en')
      await store.evict([{ kind: 'key', key: 'customer:1' }])
      expect(await fillIn('customer:1#en', early)).to.equal(false)
    })

    it('nor one loaded before a newer value was set', async () => {
      const early = await leaseOn('customer:1')
      const variant = await leaseOn('customer:1#en')
      await write('customer:1', 'new')
      expect(await fillIn('customer:1', early, 'old')).to.equal(false)
      expect(await fillIn('customer:1#en', variant, 'old')).to.equal(false)
      expect(await textAt('customer:1')).to.equal('new')
      expect(await textAt('customer:1#en')).to.equal(null)
    })

    it('nor one loaded before a newer value was put', async () => {
      const early = await leaseOn('customer:1')
      const fence = await store.fence('customer')
      expect(await store.put('customer:1', fence, Buffer.from('new'), TTL_MS, 'replace')).to.equal('stored')
      expect(await fillIn('customer:1', early, 'old')).to.equal(false)
      expect(await textAt('customer:1')).to.equal('new')
    })
  })
}
