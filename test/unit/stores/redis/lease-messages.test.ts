import { expect } from 'chai'
import { leaseEndSuffix, leaseMessage } from '#src/stores/redis/lease-messages.js'

describe('leaseMessage', () => {
  for (const end of ['ended', 'unshareable'] as const) {
    it(`reads of a lease that it is ${end}, where a script appended what stands for that`, () => {
      expect(leaseMessage(`process.1a${leaseEndSuffix(end)}`)).to.deep.equal({ lease: 'process.1a', end })
    })
  }

  it('reads what processes of earlier versions publish', () => {
    expect(leaseMessage('process.1a')).to.deep.equal({ lease: 'process.1a', end: 'ended' })
    expect(leaseMessage('process.1a!')).to.deep.equal({ lease: 'process.1a', end: 'unshareable' })
  })
})
