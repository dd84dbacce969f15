import { expect } from 'chai'
import type { LeaseEnd, Store } from '#src/stores/store.js'
import { NO_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

/** Longer than a test may take, so that a test ends only because the end of a lease has woken it. */
const LONG_WAIT_MS = 600_000

export function describeWaiting(tested: TestedStore): void {
  describe('those who wait for a lease', () => {
    const { write, leaseOn, fillIn } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })

    const endings: [how: string, end: LeaseEnd, act: (lease: string) => Promise<unknown>][] = [
      ['is used', 'ended', (lease) => fillIn('user:1', lease)],
      ['is given back', 'ended', (lease) => store.release('user:1', lease)],
      [
        'is given back because its value was not for others',
        'unshareable',
        (lease) => store.release('user:1', lease, true),
      ],
      ['is evicted by key', 'ended', () => store.evict([{ kind: 'key', key: 'user:1' }])],
      ['is evicted by pattern', 'ended', () => store.evict([{ kind: 'pattern', pattern: 'user:*' }])],
      ['is overtaken by a set', 'ended', () => write('user:1')],
      [
        'is overtaken by a put',
        'ended',
        async () => store.put('user:1', await store.fence('user'), Buffer.from('x'), TTL_MS, 'replace'),
      ],
    ]
    for (const [how, end, act] of endings) {
      it(`hear of it when it ${how}`, async () => {
        const lease = await leaseOn('user:1')
        const other = await leaseOn('task:1')
        expect((await store.lookup('user:1', NO_GRACE)).kind).to.equal('busy')
        const heard: string[] = []
        const waits = ['user:1', 'user:1', 'task:1'].map(async (key, index) => {
          const found = await store.waitForLease(key, index === 2 ? other : lease, LONG_WAIT_MS)
          heard.push(`${key} ${found}`)
        })
        await act(lease)
        await Promise.all(waits.slice(0, 2))
        const told = tested.notifiesWaiters ? end : 'timeout'
        expect(heard.filter((text) => text !== 'task:1 timeout')).to.deep.equal([
          `user:1 ${told}`,
          `user:1 ${told}`,
        ])
        await store.evict([{ kind: 'key', key: 'task:1' }])
      })
    }

    it('wait no longer than they want to', async () => {
      const lease = await leaseOn('user:1')
      expect(await store.waitForLease('user:1', lease, 5)).to.equal('timeout')
    })

    it('are let go when the store closes', async () => {
      const lease = await leaseOn('user:1')
      const waiting = store.waitForLease('user:1', lease, LONG_WAIT_MS)
      await store.close()
      expect(await waiting).to.equal('ended')
    })
  })
}
