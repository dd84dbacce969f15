import { expect } from 'chai'
import { sharedRuns } from '#src/tools/shared-runs.js'
import { gate } from '../../support/gate.js'

describe('sharedRuns', () => {
  it('lets calls share a run that has not begun, one run after the other', async () => {
    const gates = [gate(), gate(), gate()]
    let begun = 0
    const run = sharedRuns(async () => {
      begun += 1
      await gates[begun - 1]?.wait
      return begun
    })
    const first = run()
    await Promise.resolve()
    expect(begun).to.equal(1)
    const [second, third] = [run(), run()]
    expect(begun).to.equal(1)
    gates[0]?.open()
    expect(await first).to.equal(1)
    gates[1]?.open()
    expect(await Promise.all([second, third])).to.deep.equal([2, 2])
    gates[2]?.open()
    expect(await run()).to.equal(3)
  })

  it('goes on after a run that has failed', async () => {
    let begun = 0
    const run = sharedRuns(async () => {
      begun += 1
      if (begun === 1) throw new Error('failed')
      return begun
    })
    expect(await run().catch(({ message }) => message)).to.equal('failed')
    expect(await run()).to.equal(2)
  })
})
