import { expect } from 'chai'
import { PassedPositions } from '#src/postgres/passed-positions.js'
import { until } from '../../support/until.js'

const isWithin = (position: string, reached: string) => Number(position) <= Number(reached)

describe('PassedPositions', () => {
  it('asks nobody where this process has passed a position, and tells those who wait as soon as it has', async () => {
    let own: string | null = '5'
    let asked = 0
    const ask = async () => {
      asked += 1
      return '100'
    }
    const passed = new PassedPositions({ isWithin, own: () => own, ask })
    expect(await passed.wait('5', 1_000)).to.equal(true)
    const waits = [passed.wait('6', 5_000), passed.wait('7', 5_000)]
    passed.reach('6')
    expect(await waits[0]).to.equal(true)
    own = '7'
    expect(await waits[1]).to.equal(true)
    expect(asked).to.equal(0)
  })

  it('asks once at a time for all who wait where another process follows, also where a question fails', async () => {
    let [reached, running, most, asked] = ['1', 0, 0, 0]
    const ask = async () => {
      running += 1
      asked += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      if (asked === 2) throw new Error('lost')
      return reached
    }
    const passed = new PassedPositions({ isWithin, own: () => null, ask })
    const waits = ['2', '3', '3'].map((position) => passed.wait(position, 5_000))
    await until('some questions', () => asked > 3)
    reached = '3'
    expect(await Promise.all(waits)).to.deep.equal([true, true, true])
    expect(most).to.equal(1)
    const before = asked
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(asked).to.be.at.most(before + 1)
  })

  it('ends in time where nobody passes it', async () => {
    const passed = new PassedPositions({ isWithin, own: () => null, ask: async () => null })
    expect(await passed.wait('2', 20)).to.equal(false)
  })
})
