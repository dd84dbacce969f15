import { expect } from 'chai'
import { redisForTests } from '../support/redis.js'
import { READS, sum, WRITES } from './counts.js'
import { FAULTS } from './faults/fault-names.js'
import { STORES, type StoreName } from './open-store.js'
import { DEFAULT_OPTIONS, type RaceOptions, randomSeed, type Safeguard } from './options.js'
import { type RaceResult, race } from './race.js'
import { report } from './report.js'

/** Bounds against hanging, on a machine that has much else to do. */
const RACE_TIMEOUT_MS = 10 * 60_000
const FIRST_VIOLATION_TIMEOUT_MS = 60_000

for (const store of ['memory', 'redis', 'tiered'] as const satisfies StoreName[]) {
  describe(`a race on the ${store} store`, () => {
    let redisUrl: string | null = null
    before(async function () {
      if (STORES[store].isShared) redisUrl = await redisForTests(this)
    })

    const start = (options: Partial<RaceOptions>, untilViolation = false): Promise<RaceResult> =>
      race({ ...DEFAULT_OPTIONS, store, seed: randomSeed(), ...options }, { redisUrl, untilViolation })

    it('gives no answer that is older than an eviction acknowledged before', async function () {
      this.timeout(RACE_TIMEOUT_MS)
      const operations = store === 'redis' ? 200_000 : 100_000
      const result = await start({ operations })
      const { counts, deaths, violations } = result
      expect(violations, report(result)).to.equal(0)
      // Otherwise there was no race.
      const answers = store === 'redis' ? (['hit'] as const) : (['near'] as const)
      for (const name of [...WRITES, ...answers, 'joined', 'refusedFills', 'refusedPuts'] as const) {
        expect(counts[name], name).to.be.greaterThan(0)
      }
      expect(sum(counts, READS)).to.be.greaterThan(operations / 2)
      expect(counts.kept).to.equal(0)
      if (STORES[store].isShared) expect(deaths).to.be.greaterThan(operations / 50_000 - 1)
    })

    const safeguards: readonly Safeguard[] = store === 'tiered' ? ['word'] : ['lease', 'fence', 'tags']
    for (const without of safeguards) {
      it(`finds stale answers once the store heeds no ${without}`, async function () {
        this.timeout(FIRST_VIOLATION_TIMEOUT_MS)
        const result = await start({ without, operations: 1_000_000 }, true)
        expect(result.stories.map(({ kind }) => kind)).to.include('stale')
      })
    }
  })
}

describe('a race on the redis store, whatever befalls Redis, the way to it, and the processes', () => {
  let redisUrl: string | null = null
  before(async function () {
    redisUrl = await redisForTests(this)
  })

  const start = (options: Partial<RaceOptions>, untilViolation = false): Promise<RaceResult> =>
    race(
      { ...DEFAULT_OPTIONS, faults: FAULTS, pace: 'short', seed: randomSeed(), ...options },
      { redisUrl, untilViolation },
    )

  it('gives no answer that is older than a write answered before, but within a bound that is stated', async function () {
    this.timeout(RACE_TIMEOUT_MS)
    const result = await start({ operations: 5_000 })
    const { counts, faults, violations } = result
    expect(violations, report(result)).to.equal(0)
    expect([...faults.keys()]).to.have.members([...FAULTS])
    // Otherwise nothing was at stake.
    for (const name of ['hit', 'kept', 'refusedFills'] as const)
      expect(counts[name], name).to.be.greaterThan(0)
  })

  it('finds stale answers once nobody waits for what others owe', async function () {
    this.timeout(FIRST_VIOLATION_TIMEOUT_MS)
    const faults = ['cut', 'too-few-replicas', 'cannot-save'] as const
    const result = await start({ without: 'roll-call', faults, operations: 1_000_000 }, true)
    expect(result.stories.map(({ kind }) => kind)).to.include('stale')
  })
})
