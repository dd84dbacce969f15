import { expect } from 'chai'
import type { Evictions } from '#demo/config.js'
import { postgresForTests } from '../../support/postgres.js'
import { redisForTests } from '../../support/redis.js'
import { runCrmTwins } from './crm-twin.js'
import { startCrmTwins } from './crm-twins.js'

const SEED = Number(process.env.TWIN_SEED ?? Math.floor(Math.random() * 2 ** 31))
const STEPS = Number(process.env.TWIN_STEPS ?? 600)
/** A bound against hanging, not a measure. */
const MS_PER_STEP = 500

type Parts = { databaseUrl?: string | undefined; redisUrl?: string | undefined }

const PLACES: Record<string, (context: Mocha.Context) => Promise<Parts>> = {
  'PGlite, in-process store': async () => ({}),
  'PostgreSQL, Redis': async (context) => ({
    databaseUrl: await postgresForTests(context),
    redisUrl: await redisForTests(context),
  }),
}

for (const [place, partsFor] of Object.entries(PLACES)) {
  describe(`the CRM beside its twin without a cache (${place}; TWIN_SEED=${SEED})`, function () {
    this.timeout(60_000 + STEPS * MS_PER_STEP)

    const run = async (context: Mocha.Context, evictions: Evictions) => {
      const twins = await startCrmTwins(evictions, await partsFor(context))
      try {
        return await runCrmTwins(twins, twins.staff, { steps: STEPS, seed: SEED })
      } finally {
        await twins.close()
      }
    }

    it('answers the same with nothing declared, and from the cache nearly as often', async function () {
      const declared = await run(this, 'declared')
      const derived = await run(this, 'derived')
      expect(declared.differences, 'declared').to.be.empty
      expect(derived.differences, 'derived').to.be.empty
      const rates = [declared, derived].map(({ hits, reads }) => hits / reads)
      console.log(`      hit rate declared, derived: ${rates.map((rate) => rate.toFixed(3)).join(', ')}`)
      expect(rates[1]).to.be.at.least(0.85 * (rates[0] ?? 1))
    })
  })
}
