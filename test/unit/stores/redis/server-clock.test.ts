import { expect } from 'chai'
import { ServerClock } from '#src/stores/redis/server-clock.js'

describe('ServerClock', () => {
  function clockForTests() {
    const here = { now: 100 }
    return { here, clock: new ServerClock(() => here.now) }
  }

  it('knows nothing before it has been told', () => {
    expect(clockForTests().clock.in(50)).to.equal(null)
  })

  it('goes on with the time here', () => {
    const { clock, here } = clockForTests()
    clock.note(5_000)
    here.now += 20
    expect(clock.in(50)).to.equal(5_070)
  })

  it('believes what it was told soonest after it was said', () => {
    const { clock, here } = clockForTests()
    clock.note(5_000)
    here.now += 100
    clock.note(5_060)
    expect(clock.in(0)).to.equal(5_100)
    clock.note(5_130)
    expect(clock.in(0)).to.equal(5_130)
  })

  it('follows a clock that was set back', () => {
    const { clock } = clockForTests()
    clock.note(3_605_000)
    clock.note(5_000)
    expect(clock.in(0)).to.equal(5_000)
  })
})
