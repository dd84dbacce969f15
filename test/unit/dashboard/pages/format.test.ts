import { expect } from 'chai'
import { bytes, count, duration, latency, percent, perSecond } from '#pages/format.js'

/** Each figure and its unit stay on one line. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('figures of the dashboard', () => {
  it('have their unit, and three digits that matter', () => {
    expect(
      [0, 999, 1000, 12_345, 999_949, 1_000_000, 2_500_000_000].map((value) => plain(bytes(value))),
    ).to.deep.equal(['0 B', '999 B', '1 kB', '12.3 kB', '1 MB', '1 MB', '2.5 GB'])
    expect([0, 0.004, 0.213, 9.876, 12.4, 999, 1234].map((ms) => plain(latency(ms)))).to.deep.equal([
      '0 ms',
      '<0.01 ms',
      '0.21 ms',
      '9.88 ms',
      '12 ms',
      '999 ms',
      '1.23 s',
    ])
    expect([0, 12_345, 1_234_567, 9.9e9].map((value) => plain(count(value)))).to.deep.equal([
      '0',
      '12,345',
      '1.23 M',
      '9.9 G',
    ])
    expect([0, 0.04, 0.36, 12.34, 1204.6].map(perSecond)).to.deep.equal(['0', '<0.1', '0.4', '12.3', '1,205'])
  })

  it('say how long in the two greatest units', () => {
    const told = [0, 250, 1000, 59_999, 60_000, 11_520_000, 86_400_000, 90_061_000].map(duration).map(plain)
    expect(told).to.deep.equal(['0 s', '250 ms', '1 s', '59 s', '1 min', '3 h 12 min', '1 d', '1 d 1 h'])
  })

  it('do not round to all what is not all, and say nothing of nothing', () => {
    expect(plain(percent(99_999, 100_000))).to.equal('99.9 %')
    expect(plain(percent(10, 10))).to.equal('100.0 %')
    expect(percent(0, 0)).to.equal('–')
    expect(latency(null)).to.equal('–')
    expect(bytes(null)).to.equal('–')
  })
})
