import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { Random } from '../consistency/random.js'
import { redisForTests } from '../support/redis.js'
import { allCells, nameOf } from './in-touch/cell.js'
import { breaksPromise, isPromised, runCell } from './in-touch/run-cell.js'

const RUNS = 1
/** All others, and more runs of each, take `npm run fault-matrix`. */
const HERE = [
  /stands still for 500 ms; the writer has noticed.*[23] processes/,
  /cut once.*[23] processes/,
  /refuses writes.*2 processes/,
  /took over before the write.*2 processes/,
  /restarted.*2 processes/,
  /Redis is well; the writer dies .*crashSafe; [23] processes/,
  /alone cannot reach Redis for 500 ms.*2 processes/,
]

/** See in-touch/: what is true for each fault, on real processes and a Redis of their own. */
describe('after a write that is promised to be seen', function () {
  this.timeout(120_000)
  before(async function () {
    // Where there is none to be had, the suite is pending.
    await redisForTests(this)
  })

  for (const cell of allCells().filter(
    (one) => isPromised(one) && HERE.some((name) => name.test(nameOf(one))),
  )) {
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
