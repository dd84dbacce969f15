import { expect } from 'chai'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { Statistics } from '#src/engine/statistics.js'

const STORE = { kind: 'memory', available: true, circuit: 'closed', owedEvictions: 0 } as const
const USER = { where: 'Users.getUser', key: 'user:{id}' }
const LIST = { where: 'Users.list', key: 'users:list' }

const hit = (rule = USER): CacheEvent => ({ type: 'hit', rule, key: 'k', ms: 1, bytes: 9, ttlMs: 60_000 })
const stale = (rule = USER): CacheEvent => ({ type: 'stale', rule, key: 'k', ms: 1, bytes: 9, ttlMs: -1 })
const miss = (rule = USER, collapsed = false): CacheEvent => ({
  type: 'miss',
  rule,
  key: 'k',
  ms: 1,
  collapsed,
})
const bypass = (rule = USER): CacheEvent => ({ type: 'bypass', rule, key: null, reason: 'condition' })

function counted(events: readonly CacheEvent[]) {
  const statistics = new Statistics()
  for (const event of events) statistics.listener(event)
  return statistics.snapshot(STORE)
}

const FILL = { type: 'fill', rule: null, bytes: 9, ttlMs: 60_000, tags: [] } as const

describe('Statistics', () => {
  it('are all zero at first, with a rate of 0.00%', () => {
    expect(counted([])).to.deep.equal({
      hits: 0,
      misses: 0,
      total: 0,
      hitRate: '0.00%',
      bypasses: 0,
      requests: 0,
      stale: 0,
      collapsed: 0,
      fills: 0,
      refusedFills: 0,
      evicted: 0,
      failedWrites: 0,
      keptEvictions: 0,
      missedIntents: 0,
      lateBarriers: 0,
      forgotten: 0,
      store: STORE,
      rules: [],
    })
  })

  it('begin with what the guide asks for', () => {
    const snapshot = counted([miss(), hit(), hit(), hit()])
    expect(JSON.stringify(snapshot)).to.match(/^{"hits":3,"misses":1,"total":4,"hitRate":"75.00%",/)
  })

  const rates: readonly [hits: number, misses: number, rate: string][] = [
    [0, 5, '0.00%'],
    [5, 0, '100.00%'],
    [1, 2, '33.33%'],
    [2, 1, '66.67%'],
    [9_999, 1, '99.99%'],
  ]
  for (const [hits, misses, rate] of rates) {
    it(`says ${rate} after ${hits} hits and ${misses} misses`, () => {
      const events = [...Array<CacheEvent>(hits).fill(hit()), ...Array<CacheEvent>(misses).fill(miss())]
      expect(counted(events).hitRate).to.equal(rate)
    })
  }

  it('leave bypasses out of the rate, and count them as requests', () => {
    expect(counted([hit(), miss(), bypass(), bypass()])).to.deep.include({
      total: 2,
      hitRate: '50.00%',
      bypasses: 2,
      requests: 4,
    })
  })

  it('count stale answers as hits and collapsed loads as misses', () => {
    expect(counted([stale(), hit(), miss(USER, true), miss()])).to.deep.include({
      hits: 2,
      misses: 2,
      stale: 1,
      collapsed: 1,
    })
  })

  it('add up for each rule and over all rules', () => {
    const snapshot = counted([hit(), miss(), miss(LIST), bypass(LIST), stale(LIST)])
    expect(snapshot.rules).to.deep.equal([
      { ...USER, hits: 1, misses: 1, bypasses: 0 },
      { ...LIST, hits: 1, misses: 1, bypasses: 1 },
    ])
    for (const { hits, misses, bypasses, requests } of [snapshot]) {
      expect(hits + misses + bypasses)
        .to.equal(requests)
        .and.to.equal(5)
    }
  })

  it('name a rule before its first request', () => {
    const statistics = new Statistics()
    statistics.introduce(USER)
    statistics.introduce(USER)
    expect(statistics.snapshot(STORE).rules).to.deep.equal([{ ...USER, hits: 0, misses: 0, bypasses: 0 }])
  })

  it('count fills, refused fills, evicted values, kept and forgotten evictions, missed intents and late barriers, none of which is a request', () => {
    const snapshot = counted([
      { ...FILL, key: 'a' },
      { ...FILL, key: 'b' },
      { type: 'fill-refused', rule: null, key: 'c' },
      { type: 'evict', by: null, targets: ['users:*', 'user:1'], removed: 3, ms: 1 },
      { type: 'evict', by: null, targets: ['x'], removed: 0, ms: 1 },
      { type: 'evict-kept', targets: ['a', 'b'] },
      { type: 'evict-delivered', targets: ['a', 'b'] },
      { type: 'intent', targets: ['a', 'b'], removed: 5, ms: 1 },
      { type: 'intent-missed', targets: ['a', 'b'] },
      { type: 'not-stored', rule: USER, key: 'a', reason: 'status 404' },
      { type: 'write-failed', rule: USER, status: 404 },
      { type: 'barrier', database: 'crm', passed: false, ms: 50 },
      { type: 'barrier', database: 'crm', passed: true, ms: 1 },
      { type: 'forgotten', write: 'PUT /', tags: ['t'], key: 'a', read: 'GET /' },
      { type: 'store-down', error: new Error('down') },
    ])
    expect(snapshot).to.deep.include({
      requests: 0,
      fills: 2,
      refusedFills: 1,
      evicted: 3,
      failedWrites: 1,
      keptEvictions: 2,
      missedIntents: 1,
      lateBarriers: 1,
      forgotten: 1,
    })
  })
})
