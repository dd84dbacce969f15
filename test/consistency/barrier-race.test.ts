import { expect } from 'chai'
import { ownPostgresForTests } from '../support/postgres.js'
import type { PostgresServer } from '../support/postgres-server.js'
import { redisForTests } from '../support/redis.js'
import { type BarrierRaceResult, barrierRace, total } from './barrier/barrier-race.js'
import { type BarrierRaceOptions, DEFAULT_OPTIONS } from './barrier/options.js'
import { report } from './barrier/report.js'
import { randomSeed } from './options.js'

/** A bound against hanging, on a machine that has much else to do. */
const RACE_TIMEOUT_MS = 120_000

describe('a race of writers whose raw SQL nobody declares', function () {
  this.timeout(RACE_TIMEOUT_MS)

  let redisUrl: string
  let postgres: PostgresServer | undefined
  before(async function () {
    redisUrl = await redisForTests(this)
    postgres = await ownPostgresForTests(this)
  })
  after(() => postgres?.stop())

  function start(options: Partial<BarrierRaceOptions>, untilViolation = false): Promise<BarrierRaceResult> {
    const all = { ...DEFAULT_OPTIONS, operations: 2_000, seed: randomSeed(), ...options }
    return barrierRace(all, { redisUrl, postgresUrl: String(postgres?.url), untilViolation })
  }

  it('gives no answer that is older than a write answered before, behind a barrier', async () => {
    const result = await start({})
    expect(result.violations, report(result)).to.equal(0)
    // Otherwise nothing was at stake.
    expect(result.reads.get('HIT'), report(result)).to.be.greaterThan(100)
    expect(total(result.writes), report(result)).to.be.greaterThan(100)
    expect(result.waits.length).to.be.at.least(total(result.writes))
  })

  it('nor where triggers tell of what was written', async () => {
    const result = await start({ from: 'outbox', operations: 1_000 })
    expect(result.violations, report(result)).to.equal(0)
    expect(result.reads.get('HIT'), report(result)).to.be.greaterThan(50)
  })

  it('nor where the follower is always late', async () => {
    const result = await start({ mute: true, operations: 1_000 })
    expect(result.violations, report(result)).to.equal(0)
    expect(result.told.get('follower late'), report(result)).to.equal(total(result.writes))
  })

  it('finds old answers without a barrier', async () => {
    const result = await start({ barrier: false, operations: 200_000 }, true)
    expect(result.violations).to.be.greaterThan(0)
  })
})
