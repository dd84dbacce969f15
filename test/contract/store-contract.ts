import { expect } from 'chai'
import { describeBrowsing } from './store/browsing.js'
import { describeEvictions } from './store/evictions.js'
import { describeFences } from './store/fences.js'
import { describeKeyLimits } from './store/key-limits.js'
import { describeLateFills } from './store/late-fills.js'
import { describeLeases } from './store/leases.js'
import { describeNaming } from './store/naming.js'
import { describePacking } from './store/packing.js'
import { describeTagged } from './store/tagged.js'
import { describeTags } from './store/tags.js'
import { type StoreUnderTest, TestedStore } from './store/tested-store.js'
import { describeValues } from './store/values.js'
import { describeWaiting } from './store/waiting.js'

/** What every store promises; each test gets a store that holds nothing. */
export function describeStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name}, by the contract of a store,`, () => {
    const tested = new TestedStore(make)

    it('can be reached', () => {
      expect(tested.store.isAvailable()).to.equal(true)
    })

    describeLeases(tested)
    describeWaiting(tested)
    describeLateFills(tested)
    describeValues(tested)
    describeKeyLimits(tested)
    describeEvictions(tested)
    describeFences(tested)
    describeTags(tested)
    describeTagged(tested)
    describeNaming(tested)
    describeBrowsing(tested)
    describePacking(tested)

    it('is called by all what the first of them calls it', async () => {
      const [first, second] = ['0123456789abcdef', 'fedcba9876543210']
      const name = await tested.store.name(first)
      expect(name).to.match(/^[0-9a-f]{16}$/)
      expect(await tested.store.name(second)).to.equal(name)
      expect(await tested.store.name(first)).to.equal(name)
    })
  })
}
