import { expect } from 'chai'
import { hasOnlyCookies } from '#src/http/request-cookies.js'

describe('hasOnlyCookies', () => {
  const harmless = new Set(['_stats', 'theme'])
  for (const [cookies, isHarmless] of [
    [undefined, true],
    ['_stats=1', true],
    ['_stats=1; theme=dark', true],
    [' _stats = 1 ;theme', true],
    ['_stats=1; sid=2', false],
    ['sid=_stats', false],
    ['_STATS=1', false],
    ['', false],
  ] as const) {
    it(`is ${isHarmless} of ${JSON.stringify(cookies)}`, () => {
      expect(hasOnlyCookies(cookies, harmless)).to.equal(isHarmless)
    })
  }
})
