import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { crashMoments } from './crash-moments/crash-moments.js'

const MOMENTS = 30

describe('a writer with crashSafe that is killed at a random moment of its write', function () {
  this.timeout(120_000)
  let redis: RedisServer
  before(async function () {
    redis = await ownRedisForTests(this)
  })
  after(() => redis?.stop())

  it('leaves nothing that is older than its commit', async () => {
    const seed = randomInt(2 ** 32)
    const { old, oldForMs, hits, killed, broken, uncovered, story } = await crashMoments({
      ...{ redis: redis.url, moments: MOMENTS, seed, crashSafe: true },
    })
    const what = `old answers in ${broken} writes, for ${oldForMs} ms, with seed ${seed}\n${story}`
    expect(old, what).to.equal(0)
    expect(killed).to.equal(MOMENTS)
    expect(uncovered, 'commits that took longer than the mark stands').to.be.below(MOMENTS / 2)
    expect(hits).to.be.greaterThan(0)
  })
})
