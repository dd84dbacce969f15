import { expect } from 'chai'
import { ExpiringTokens } from '#src/stores/memory/expiring-tokens.js'

describe('ExpiringTokens', () => {
  it('gives a token until its time is over', () => {
    const tokens = new ExpiringTokens<string>()
    tokens.set('a', 'token', 100, 0)
    expect(tokens.get('a', 99)).to.equal('token')
    expect(tokens.get('a', 100)).to.equal(undefined)
    expect(tokens.get('b', 0)).to.equal(undefined)
  })

  it('drops what ended, tells of it, and keeps what stands', () => {
    const dropped: number[] = []
    const tokens = new ExpiringTokens<number>((key) => dropped.push(key))
    tokens.set(-1, 'stands', 1_000_000, 0)
    for (let now = 0; now < 10_000; now += 1) tokens.set(now, 'ends', now + 10, now)
    expect(dropped).to.have.length.greaterThan(8_500)
    expect(dropped.every((key) => !tokens.has(key) && key >= 0)).to.equal(true)
    expect(tokens.get(-1, 10_000)).to.equal('stands')
  })
})
