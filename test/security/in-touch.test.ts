import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { groupBy } from '#src/tools/group-by.js'
import { Random } from '../consistency/random.js'
import { redisForTests } from '../support/redis.js'
import { allCells, nameOf } from './in-touch/cell.js'
import { breaksPromise, isPromised, runCell } from './in-touch/run-cell.js'

const RUNS = 1
/**
 * Of the cells of a fault, which differ in how many processes there are and whether the writer dies after its answer, each
 * run draws one. All of them, all others, and more runs of each, take `npm run fault-matrix`.
 */
const HERE = [
  /stands still for 500 ms; the writer has noticed/,
  /cut once/,
  /refuses writes/,
  /took over before the write/,
  /restarted/,
  /Redis is well; the writer dies .*crashSafe/,
  /alone cannot reach Redis for 500 ms/,
]

/** See in-touch/: what is true for each fault, on real processes and a Redis of their own. */
describe('after a write that is promised to be seen', function () {
  this.timeout(120_000)
  before(async function () {
    // Where there is none to be had, the suite is pending.
    await redisForTests(this)
  })

  const cells = allCells().filter((one) => isPromised(one) && HERE.some((name) => name.test(nameOf(one))))
  const byFault = groupBy(cells, ({ fault, crashSafe, death }) => (crashSafe ? `${death}` : fault.name))
  for (const alike of byFault.values()) {
    const cell = new Random(randomInt(2 ** 32)).oneOf(alike)
    it(`nobody gets what was there before, but for as long as is stated: ${nameOf(cell)}`, async () => {
      const seed = randomInt(2 ** 32)
      const outcome = await runCell(cell, RUNS, new Random(seed))
      const { hits, oldForMs, mayBeOldForMs } = outcome
      expect(breaksPromise(outcome), `old for ${oldForMs} of ${mayBeOldForMs} ms, seed ${seed}`).to.equal(
        false,
      )
      if (!cell.fault.staysAway) expect(hits).to.be.greaterThan(0)
    })
  }
})
