import { expect } from 'chai'
import { postgresForTests } from '../support/postgres.js'
import { redisForTests } from '../support/redis.js'
import { type BarrierRaceResult, barrierRace, total } from './barrier/barrier-race.js'
import { type BarrierRaceOptions, DEFAULT_OPTIONS } from './barrier/options.js'
import { report } from './barrier/report.js'
import { randomSeed } from './options.js'

/** A bound against hanging, on a machine that has much else to do. */
const RACE_TIMEOUT_MS = 120_000

describe('a race of writers whose raw SQL nobody declares', function () {
  this.timeout(RACE_TIMEOUT_MS)

  async function start(
    context: Mocha.Context,
    options: Partial<BarrierRaceOptions>,
    untilViolation = false,
  ): Promise<BarrierRaceResult> {
    const [redisUrl, databaseUrl] = [await redisForTests(context), await postgresForTests(context)]
    context.timeout(RACE_TIMEOUT_MS)
    const all = { ...DEFAULT_OPTIONS, operations: 2_000, seed: randomSeed(), ...options }
    return barrierRace(all, { redisUrl, databaseUrl, untilViolation })
  }

  it('gives no answer that is older than a write answered before, behind a barrier', async function () {
    const result = await start(this, {})
    expect(result.violations, report(result)).to.equal(0)
    // Otherwise nothing was at stake.
    expect(result.reads.get('HIT'), report(result)).to.be.greaterThan(100)
    expect(total(result.writes), report(result)).to.be.greaterThan(100)
    expect(result.waits.length).to.be.at.least(total(result.writes))
  })

  it('nor where the follower is always late', async function () {
    const result = await start(this, { mute: true })
    expect(result.violations, report(result)).to.equal(0)
    expect(result.told.get('follower late'), report(result)).to.equal(total(result.writes))
  })

  it('finds old answers without a barrier', async function () {
    const result = await start(this, { barrier: false, operations: 200_000 }, true)
    expect(result.violations).to.be.greaterThan(0)
  })
})
