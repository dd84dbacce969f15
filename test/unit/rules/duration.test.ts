import { expect } from 'chai'
import { toMilliseconds } from '#src/rules/duration.js'
import { thrown } from '../thrown.js'

describe('toMilliseconds', () => {
  const durations: readonly [duration: number | string, ms: number][] = [
    [5, 5_000],
    [0.25, 250],
    [0.0001, 1],
    [3_600, 3_600_000],
    ['500ms', 500],
    ['0.4ms', 1],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1.5 h', 5_400_000],
    ['2 hours', 7_200_000],
    ['1D', 86_400_000],
    // As the environment gives it.
    ['300', 300_000],
    [' 0.5\n', 500],
  ]
  for (const [duration, ms] of durations) {
    it(`reads ${JSON.stringify(duration)} as ${ms} ms`, () =>
      expect(toMilliseconds(duration, 'TTL')).to.equal(ms))
  }

  const wrong: readonly [duration: unknown, shown: string][] = [
    ['0', `'0'`],
    ['-5', `'-5'`],
    ['1e3', `'1e3'`],
    ['0x10', `'0x10'`],
    ['5,5', `'5,5'`],
    ['9'.repeat(400), `9'`],
    ['', `''`],
    [' ', `' '`],
    ['m', `'m'`],
    ['5 apples', `'5 apples'`],
    ['-5m', `'-5m'`],
    ['0s', `'0s'`],
    ['5m ', `'5m '`],
    [`${'9'.repeat(200)}m`, `9m'`],
    [0, '0'],
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [1e300, '1e+300'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [5n, '5'],
    [{}, '[object Object]'],
    [[600], '600'],
  ]
  for (const [duration, shown] of wrong) {
    it(`refuses ${typeof duration} ${shown}`, () => {
      const error = thrown(() => toMilliseconds(duration, 'TTL', 'UserController.getUser'))
      expect(error.code).to.equal('E_CACHE_TTL')
      expect(error.where).to.equal('UserController.getUser')
      expect(error.message).to.include('the TTL').and.include(`${shown} is not a positive duration`)
      expect(error.mend).to.equal(`Give seconds, such as 600, or a text with its unit, such as '10m'.`)
    })
  }
})
