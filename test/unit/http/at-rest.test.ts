import { expect } from 'chai'
import { acceptsBrotli, weakened } from '#src/http/at-rest.js'

describe('acceptsBrotli', () => {
  const cases: [field: string | undefined, accepts: boolean][] = [
    [undefined, false],
    ['', false],
    ['gzip, deflate', false],
    ['br', true],
    ['gzip;q=1.0, BR;q=0.2', true],
    ['br;q=0', false],
    ['br; q=0.000', false],
    ['br;q=0.001', true],
    ['*', true],
    ['*;q=0', false],
    ['br;q=0, *', false],
    ['*;q=0, br', true],
    ['brotli', false],
  ]
  for (const [field, accepts] of cases) {
    it(`says ${accepts} to ${String(field)}`, () => {
      expect(acceptsBrotli(field)).to.equal(accepts)
    })
  }
})

describe('weakened', () => {
  it('makes a strong tag weak, once', () => {
    expect([weakened('"a"'), weakened('W/"a"')]).to.deep.equal(['W/"a"', 'W/"a"'])
  })
})
