import { randomInt } from 'node:crypto'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'
import { fuzzBytes } from './fuzz/fuzz-bytes.js'
import { fuzzFront } from './fuzz/fuzz-front.js'
import { watchTurns } from './fuzz/longest-turn.js'

/** `npm run fuzz` tries 100,000, and measures how long anybody waits. */
const COUNT = 2_000

describe('what nobody has thought of', function () {
  this.timeout(120_000)

  it('is no answer and no end, of random bytes in Redis', async function () {
    const redis = await redisForTests(this)
    this.timeout(120_000)
    const seed = randomInt(2 ** 32)
    const { wrong } = await fuzzBytes(redis, { seed, count: COUNT, most: 1 })
    expect(inspect(wrong), `with seed ${seed}`).to.equal('[]')
  })

  it('makes no difference, of random requests at the front', async () => {
    const seed = randomInt(2 ** 32)
    const { differences, hits } = await fuzzFront({ seed, count: COUNT, most: 1 })
    expect(inspect(differences), `with seed ${seed}`).to.equal('[]')
    expect(hits).to.be.greaterThan(COUNT / 10)
  })
})

describe('watchTurns', () => {
  it('tells how long a turn has worked, whatever else the machine does', async () => {
    const watch = watchTurns()
    try {
      const before = process.cpuUsage()
      let workedMs = 0
      while (workedMs < 60) {
        const { user, system } = process.cpuUsage(before)
        workedMs = (user + system) / 1_000
      }
      await until('the next turn', () => watch.longest().workedMs > 0)
      expect(watch.longest().workedMs).to.be.within(40, 200)
      expect(watch.longest().passedMs).to.be.at.least(watch.longest().workedMs)
    } finally {
      watch.end()
    }
  })
})
