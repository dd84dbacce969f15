import { expect } from 'chai'
import { leaseIn, NO_GRACE, type TestedStore, TTL_MS } from './tested-store.js'

const RULE = { name: 'rows', takesValues: true }
const MOST_ROWS = 1_000
/** A store without dictionaries has shown it by then. */
const ROWS_IN_MEMORY = 80

export function describePacking(tested: TestedStore): void {
  describe('of what it may pack with a dictionary,', () => {
    const rowOf = (id: number) => {
      return Buffer.from(JSON.stringify({ id, name: `Row ${id}`, state: 'waiting', text: 'the same in all' }))
    }

    it('gives back what was stored, and forgets the dictionary that it is asked to forget', async () => {
      const { store } = tested
      let packedKey: string | undefined
      for (let id = 0; id < MOST_ROWS && packedKey === undefined; id += 1) {
        if (store.kind === 'memory' && id === ROWS_IN_MEMORY) break
        const key = `row:${id}`
        const lease = leaseIn(await store.lookup(key, NO_GRACE))
        expect(await store.fill(key, lease, rowOf(id), TTL_MS, [], RULE)).to.equal(true)
        expect(await tested.textAt(key)).to.equal(rowOf(id).toString())
        const { entries } = await store.browse({ prefix: key, limit: 1 })
        if ((entries[0]?.bytes ?? Number.NaN) < rowOf(id).length) packedKey = key
        if (packedKey) expect(await store.lookup(key, NO_GRACE)).to.deep.include({ value: rowOf(id) })
      }
      expect(packedKey === undefined).to.equal(store.kind === 'memory')
      await store.forgetLearned?.((text) => text.includes('waiting'))
      if (packedKey) expect(await tested.textAt(packedKey)).not.to.include('waiting')
    })
  })
}
