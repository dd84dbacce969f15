import { expect } from 'chai'
import { UnreleasedLeases } from '#src/engine/unreleased-leases.js'

describe('UnreleasedLeases', () => {
  it('gives each back once, under its key', async () => {
    const leases = new UnreleasedLeases()
    leases.add('lease 1', 'user:1')
    leases.add('lease 2', 'user:2')
    const given: string[] = []
    const giveBack = async (lease: string, key: string) => given.push(`${lease} of ${key}`) > 0
    await leases.release(giveBack)
    await leases.release(giveBack)
    expect(given).to.deep.equal(['lease 1 of user:1', 'lease 2 of user:2'])
  })

  it('tries again what it could not give back', async () => {
    const leases = new UnreleasedLeases()
    leases.add('lease 1', 'user:1')
    leases.add('lease 2', 'user:2')
    await leases.release(async (lease) => lease === 'lease 1')
    const given: string[] = []
    await leases.release(async (lease) => given.push(lease) > 0)
    expect(given).to.deep.equal(['lease 2'])
    expect(leases.size).to.equal(0)
  })

  it('leaves what is beyond a thousand to end by itself', async () => {
    const leases = new UnreleasedLeases()
    for (let count = 0; count < 1_001; count += 1) leases.add(`lease ${count}`, 'user:1')
    expect(leases.size).to.equal(1_000)
    await leases.release(async () => false)
    expect(leases.size).to.equal(1_000)
  })
})
