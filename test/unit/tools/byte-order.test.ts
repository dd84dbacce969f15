import { expect } from 'chai'
import fc from 'fast-check'
import { byteOrder } from '#src/tools/byte-order.js'

describe('byteOrder', () => {
  const text = fc.string({ unit: 'binary' })

  it('is the order of the bytes that Redis sees', () => {
    fc.assert(
      fc.property(text, text, text, (start, one, other) => {
        const bytes = Buffer.compare(Buffer.from(start + one), Buffer.from(start + other))
        expect(Math.sign(byteOrder(start + one, start + other))).to.equal(bytes)
      }),
      { numRuns: 1_000 },
    )
  })

  it('has what takes two units of UTF-16 behind all others', () => {
    expect(['\u{1f600}', '\uff5e', 'é', 'a', 'ab', ''].sort(byteOrder)).to.deep.equal([
      ...['', 'a', 'ab', 'é', '\uff5e', '\u{1f600}'],
    ])
  })
})
