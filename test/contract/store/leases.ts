import { expect } from 'chai'
import type { Lookup, Store } from '#src/stores/store.js'
import { LONG_GRACE, leaseIn, NO_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

export function describeLeases(tested: TestedStore): void {
  describe('as to leases,', () => {
    const { textAt, write, leaseOn, fillIn, heldOf, eventually } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })

    it('gives the first reader a lease and serves what was filled with it', async () => {
      const lease = await leaseOn('customer:1')
      expect(await fillIn('customer:1', lease, 'Ada')).to.equal(true)
      const found = await store.lookup('customer:1', NO_GRACE)
      if (found.kind !== 'hit') throw new Error(`not a hit but ${found.kind}`)
      expect(found.value.toString()).to.equal('Ada')
      expect(found.remainingMs).to.be.within(TTL_MS - 10_000, TTL_MS)
    })

    it('tells every further reader who holds the lease', async () => {
      const lease = await leaseOn('customer:1')
      const busy = { kind: 'busy', lease, stale: null }
      expect(await store.lookup('customer:1', NO_GRACE)).to.deep.equal(busy)
      expect(await store.lookup('customer:1', NO_GRACE)).to.deep.equal(busy)
    })

    it('gives different keys different leases', async () => {
      expect(await leaseOn('customer:1')).to.not.equal(await leaseOn('customer:2'))
    })

    it('gives a lease once, so that two readers at the same moment do not both load', async () => {
      const found = await Promise.all(Array.from({ length: 20 }, () => store.lookup('a', NO_GRACE)))
      expect(found.filter(({ kind }) => kind === 'lease')).to.have.lengthOf(1)
      expect(found.filter(({ kind }) => kind === 'busy')).to.have.lengthOf(19)
    })

    it('fills once per lease', async () => {
      const lease = await leaseOn('a')
      expect(await fillIn('a', lease, 'first')).to.equal(true)
      expect(await fillIn('a', lease, 'second')).to.equal(false)
      expect(await textAt('a')).to.equal('first')
    })

    it('refuses a fill with somebody else’s lease, with none, and for another key', async () => {
      const lease = await leaseOn('a')
      await leaseOn('b')
      expect(await fillIn('a', 'made-up')).to.equal(false)
      expect(await fillIn('a', '')).to.equal(false)
      expect(await fillIn('b', lease)).to.equal(false)
      expect(await fillIn('c', lease)).to.equal(false)
      expect(await fillIn('c', '')).to.equal(false)
      expect(await heldOf(['a', 'b', 'c'])).to.deep.equal([])
    })

    it('gives the next reader a lease as soon as one was given back', async () => {
      const lease = await leaseOn('a')
      await store.release('a', lease)
      expect(await leaseOn('a')).to.not.equal(lease)
      expect(await fillIn('a', lease)).to.equal(false)
    })

    it('does not let a stranger give a lease back', async () => {
      const lease = await leaseOn('a')
      await store.release('a', 'made-up')
      await store.release('a', '')
      expect((await store.lookup('a', NO_GRACE)).kind).to.equal('busy')
      expect(await fillIn('a', lease)).to.equal(true)
    })

    it('leaves the value alone when a lease is given back', async () => {
      await write('a', 'old')
      const lease = await leaseOn('a', LONG_GRACE)
      await store.release('a', lease)
      expect(await textAt('a')).to.equal('old')
      expect(await store.evict([{ kind: 'pattern', pattern: '*' }])).to.equal(1)
    })

    it('does not wait longer than a lease stands for a reader that died', async () => {
      const look = () => store.lookup('a', { leaseMs: 40, graceMs: 0 })
      // Asked at once: however slow the machine is, the lease is not over in between.
      const found = await Promise.all([look(), look()])
      expect(found.map(({ kind }) => kind).sort()).to.deep.equal(['busy', 'lease'])
      const lease = leaseIn(found.find(({ kind }) => kind === 'lease') as Lookup)
      await eventually('the lease to end', async () => {
        const found = await store.lookup('a', NO_GRACE)
        return found.kind === 'lease'
      })
      expect(await fillIn('a', lease)).to.equal(false)
    })
  })
}
