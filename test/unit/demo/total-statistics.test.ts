import { expect } from 'chai'
import { type CacheStatistics, createCache } from 'express-cacheable'
import { totalStatistics } from '#demo/gateway/total-statistics.js'

const NOTHING = createCache().stats()
const FIELDS = [
  'bypasses',
  'stale',
  'collapsed',
  'fills',
  'refusedFills',
  'evicted',
  'keptEvictions',
  'missedIntents',
  'lateBarriers',
  'forgotten',
] as const

function part(
  changes: Partial<CacheStatistics>,
  store: Partial<CacheStatistics['store']> = {},
): CacheStatistics {
  return { ...NOTHING, ...changes, store: { ...NOTHING.store, ...store } }
}

describe('totalStatistics', () => {
  it('has the fields of one cache, in their order, whose first four are those of the guide', () => {
    const total = totalStatistics([NOTHING, NOTHING])
    expect(Object.keys(total)).to.deep.equal(Object.keys(NOTHING))
    expect(total).to.deep.equal(NOTHING)
  })

  it('counts the rate over all requests, not as the mean of the rates', () => {
    const total = totalStatistics([part({ hits: 1, misses: 1 }), part({ hits: 8, misses: 0, bypasses: 2 })])
    expect(total).to.include({ hits: 9, misses: 1, total: 10, hitRate: '90.00%', bypasses: 2, requests: 12 })
  })

  for (const field of FIELDS) {
    it(`adds up ${field}`, () => {
      expect(totalStatistics([part({ [field]: 2 }), part({ [field]: 3 })])[field]).to.equal(5)
    })
  }

  it('lists the rules of all', () => {
    const rules = ['a', 'b'].map((key) => ({ where: 'route', key, hits: 1, misses: 0, bypasses: 0 }))
    const total = totalStatistics(rules.map((rule) => part({ rules: [rule] })))
    expect(total.rules).to.deep.equal(rules)
  })

  it('has a store that is as well as it is for the one that is worst off', () => {
    const well = { kind: 'redis', available: true, circuit: 'closed', owedEvictions: 0 } as const
    const ill = { ...well, available: false, circuit: 'half-open', owedEvictions: 2 } as const
    expect(totalStatistics([part({}, well), part({}, well)]).store).to.deep.equal(well)
    expect(totalStatistics([part({}, well), part({}, ill), part({}, well)]).store).to.deep.equal(ill)
    expect(totalStatistics([part({}, ill), part({}, { ...ill, circuit: 'open' })]).store.circuit).to.equal(
      'open',
    )
  })
})
