import { expect } from 'chai'
import fc from 'fast-check'
import { firstKeys } from '#src/stores/memory/first-keys.js'
import { byteOrder } from '#src/tools/byte-order.js'

describe('firstKeys', () => {
  it('gives the first that count, behind a key', () => {
    const keys = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 60 })
    fc.assert(
      fc.property(keys, fc.string({ maxLength: 3 }), fc.integer({ min: 1, max: 12 }), (all, after, count) => {
        const counts = (key: string) => !key.includes('a')
        const expected = all
          .filter((key) => counts(key) && (after === '' || byteOrder(key, after) > 0))
          .sort(byteOrder)
          .slice(0, count)
        expect(firstKeys(all, { after, count }, counts)).to.deep.equal(expected)
      }),
    )
  })

  it('asks of few whether they count', () => {
    const keys = Array.from({ length: 10_000 }, (_, id) => `key:${String(id).padStart(5, '0')}`)
    let asked = 0
    const counts = () => {
      asked += 1
      return true
    }
    expect(firstKeys(keys, { after: '', count: 10 }, counts)).to.deep.equal(keys.slice(0, 10))
    expect(asked).to.be.at.most(20)
  })
})
