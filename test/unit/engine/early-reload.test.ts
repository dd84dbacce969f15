import { expect } from 'chai'
import fc from 'fast-check'
import { isDueEarly } from '#src/engine/early-reload.js'

describe('isDueEarly', () => {
  it('is due with the probability that XFetch gives: e to the minus of what is left by what a load takes', () => {
    for (const [freshForMs, loadMs] of [
      [100, 100],
      [300, 100],
      [50, 400],
    ] as const) {
      const limit = 1 - Math.exp(-freshForMs / loadMs)
      expect(isDueEarly(freshForMs, loadMs, limit - 1e-9)).to.equal(false)
      expect(isDueEarly(freshForMs, loadMs, limit + 1e-9)).to.equal(true)
    }
  })

  it('is the more likely the less is left, and the longer a load takes', () => {
    const ms = fc.double({ min: 1, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        ms,
        ms,
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (freshForMs, loadMs, random) => {
          if (!isDueEarly(freshForMs, loadMs, random)) return
          expect(isDueEarly(freshForMs / 2, loadMs, random)).to.equal(true)
          expect(isDueEarly(freshForMs, loadMs * 2, random)).to.equal(true)
        },
      ),
    )
  })

  it('is never due before a load has been seen, as long as something is left', () => {
    expect(isDueEarly(1, 0, 0.999_999)).to.equal(false)
  })
})
