import { expect } from 'chai'
import type { Store } from '#src/stores/store.js'
import { LONG_GRACE, NO_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

export function describeValues(tested: TestedStore): void {
  describe('as to values,', () => {
    const { textAt, write, leaseOn, fillIn, heldOf, eventually } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })

    it('says null for what is not there', async () => {
      expect(await store.get('customer:1')).to.equal(null)
    })

    it('answers get without asking for a lease', async () => {
      await store.get('a')
      expect((await store.lookup('a', NO_GRACE)).kind).to.equal('lease')
    })

    it('gives back every byte as it was', async () => {
      const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))
      await store.set('bytes', bytes, TTL_MS)
      expect((await store.get('bytes'))?.value.equals(bytes)).to.equal(true)
      await store.evict([{ kind: 'key', key: 'bytes' }])
      await store.fill('bytes', await leaseOn('bytes'), bytes, TTL_MS)
      const found = await store.lookup('bytes', NO_GRACE)
      expect(found.kind === 'hit' && found.value.equals(bytes)).to.equal(true)
      const stale = await store.lookup('bytes', LONG_GRACE)
      expect(stale.kind === 'lease' && stale.stale?.value.equals(bytes)).to.equal(true)
    })

    it('serves an empty value as a value', async () => {
      await write('empty', '')
      const found = await store.lookup('empty', NO_GRACE)
      expect(found.kind === 'hit' && found.value.length).to.equal(0)
      expect((await store.lookup('empty', LONG_GRACE)).kind).to.equal('lease')
      expect(await textAt('empty')).to.equal('')
      expect(await store.evict([{ kind: 'key', key: 'empty' }])).to.equal(1)
    })

    it('is no longer there when its time is over', async () => {
      // On a busy machine it may be gone before it is read.
      await eventually('the value to be read', async () => {
        await store.set('a', Buffer.from('soon gone'), 40)
        return (await textAt('a')) === 'soon gone'
      })
      await eventually('the value to expire', async () => (await store.get('a')) === null)
      expect(await store.lookup('a', NO_GRACE)).to.deep.include({ kind: 'lease', stale: null })
      expect(await store.evict([{ kind: 'key', key: 'a' }])).to.equal(0)
    })

    it('counts a fraction of a millisecond as one', async () => {
      await store.set('a', Buffer.from('a'), 0.4)
      await eventually('the value to expire', async () => (await store.get('a')) === null)
    })

    it('hands out a stale value with the lease, and to those who come while it is reloaded', async () => {
      await write('a', 'old')
      const first = await store.lookup('a', LONG_GRACE)
      const second = await store.lookup('a', LONG_GRACE)
      if (first.kind !== 'lease' || second.kind !== 'busy') throw new Error('not a lease, then busy')
      expect(second.lease).to.equal(first.lease)
      for (const { stale } of [first, second]) {
        expect(stale?.value.toString()).to.equal('old')
        expect(stale?.remainingMs).to.be.within(1, TTL_MS)
      }
      expect(await fillIn('a', first.lease, 'new')).to.equal(true)
      expect(await textAt('a')).to.equal('new')
    })

    it('serves what is not yet in its grace as fresh', async () => {
      await write('a')
      expect((await store.lookup('a', { leaseMs: 1_000, graceMs: TTL_MS / 2 })).kind).to.equal('hit')
    })

    it('replaces value and lifetime by a set', async () => {
      await store.set('a', Buffer.from('old'), 1_000)
      await write('a', 'new')
      const found = await store.get('a')
      expect(found?.value.toString()).to.equal('new')
      expect(found?.remainingMs).to.be.greaterThan(TTL_MS / 2)
    })

    for (const key of [
      'with space',
      'ключ:日本:🙂',
      'a*b:*',
      'x[1-2]:?',
      'back\\slash',
      'a#b#c',
      '{user:1}:x',
      '%2A:%25',
      '-:^$.+()',
      ' ',
      'line\nbreak:\0',
    ]) {
      it(`keeps the key ${JSON.stringify(key)} apart from all others`, async () => {
        const near = [`${key}x`, `x${key}`, key.slice(0, -1), key.replaceAll('*', 'b')].filter(
          (other) => other !== key && !other.startsWith(`${key}#`),
        )
        for (const other of near) await write(other, 'near')
        await write(key, 'mine')
        expect(await textAt(key)).to.equal('mine')
        await store.evict([{ kind: 'key', key }])
        expect(await textAt(key)).to.equal(null)
        expect(await heldOf(near)).to.deep.equal(near)
      })
    }
  })
}
