import { expect } from 'chai'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { Statistics } from '#src/engine/statistics.js'
import { Monitor } from '#src/monitoring/monitor.js'
import { processIdentity, reportOf } from '#src/monitoring/process-report.js'
import type { Rule } from '#src/rules/rule.js'
import { noteRoute } from '#src/rules/rule-routes.js'
import { install } from '../../support/fake-time.js'
import { cacheableRule, evictRule } from '../rules/rules-for-tests.js'

const STORE = { kind: 'memory', available: true, circuit: 'closed', owedEvictions: 0 } as const

describe('Monitor', () => {
  const open: Monitor[] = []
  afterEach(() => {
    for (const monitor of open.splice(0)) monitor.close()
  })

  function watched(rules: readonly Rule[] = [], isWatched = () => false) {
    const statistics = new Statistics()
    const monitor = new Monitor(statistics, () => rules, isWatched)
    open.push(monitor)
    for (const rule of rules) if (rule.kind === 'cacheable') statistics.introduce(rule)
    const parts = { monitor, identity: processIdentity('test'), status: () => STORE }
    return {
      monitor,
      tell: (...events: CacheEvent[]) => {
        for (const event of events) monitor.listener(event)
      },
      report: (since?: number) => reportOf(parts, since),
    }
  }

  const user = cacheableRule('user:{id}')
  const list = cacheableRule('users:list:{query.page|1}')
  const hit = { type: 'hit', rule: user, key: 'user:1', ms: 0.5, bytes: 100, ttlMs: 1_000 } as const
  const fill = (bytes: number, key = 'user:1', tags: readonly string[] = []): CacheEvent => ({
    ...{ type: 'fill', rule: user, key, bytes, ttlMs: 60_000, tags },
  })
  const evict = (by: string | null, targets: readonly string[], removed = 1): CacheEvent => ({
    ...{ type: 'evict', by, targets, removed, ms: 1 },
  })

  it('says for each rule what became of its requests, and why', () => {
    const { tell, report } = watched([user, list])
    tell(
      { type: 'miss', rule: user, key: 'user:1', ms: 40, collapsed: false },
      { type: 'miss', rule: user, key: 'user:1', ms: 40, collapsed: true },
      fill(100),
      fill(300, 'user:2'),
      { type: 'fill-refused', rule: user, key: 'user:3' },
      hit,
      { ...hit, type: 'stale' },
      { type: 'bypass', rule: user, key: null, reason: 'no value for {id}' },
      { type: 'bypass', rule: user, key: null, reason: 'condition' },
      { type: 'bypass', rule: user, key: null, reason: 'condition' },
      { type: 'not-stored', rule: user, key: 'user:4', reason: 'Set-Cookie' },
    )
    const { rules, totals } = report()
    const [ofUser, ofList] = rules
    expect(ofUser).to.deep.include({
      ...{ key: 'user:{id}', hits: 2, misses: 2, bypasses: 3, loads: 1, refusedFills: 1 },
      ...{ storedBytes: 400, biggest: { key: 'user:2', bytes: 300 } },
    })
    expect(ofUser?.reasons.map(({ kind, reason, count }) => [kind, reason, count])).to.deep.equal([
      ['bypass', 'condition', 2],
      ['bypass', 'no value for {id}', 1],
      ['not-stored', 'Set-Cookie', 1],
    ])
    expect(ofUser?.reasons[0]?.mend).to.equal(null)
    expect(ofUser?.reasons[1]?.mend).to.contain('default')
    expect(ofUser?.hitLatency.count).to.equal(2)
    expect(ofUser?.loadLatency).to.deep.include({ count: 1 })
    expect(ofList).to.deep.include({ hits: 0, loads: 0, biggest: null })
    expect(totals).to.deep.include({
      ...{ hits: 2, stale: 1, misses: 2, bypasses: 3, fills: 2 },
      savedMs: 80,
    })
  })

  it('says of a write what it removed, and of a read that it can be evicted', () => {
    const write = evictRule(['user:{id}', 'users:list:*'])
    noteRoute(write, 'PUT /users/:id')
    const { tell, report } = watched([user, list, write])
    tell(
      evict('PUT /users/:id', ['user:1', 'users:list:*'], 3),
      evict('PUT /users/:id', ['user:2'], 0),
      evict('cache.delete', ['user:9']),
      { type: 'write-failed', rule: { where: write.where, key: 'user:{id}' }, status: 500 },
    )
    const { rules, writes, totals } = report()
    expect(writes).to.have.length(1)
    expect(writes[0]).to.deep.include({
      ...{ name: 'PUT /users/:id', writes: 2, removed: 3, failed: 1, event: null },
      ...{ patterns: ['user:{id}', 'users:list:*'] },
    })
    expect(rules.map(({ evictions }) => evictions)).to.deep.equal([2, 1])
    expect(totals).to.deep.include({ evictions: 3, evicted: 4 })
  })

  it('learns from entries and evictions which tables there are', () => {
    const { tell, report } = watched([user, evictRule('user:{id}')])
    const { where } = evictRule('user:{id}')
    tell(
      fill(1, 'user:1', ['all-tables', 'users*', 'users[id=1]', 'author:7']),
      evict(where, ['tag any-table', 'tag users[]', 'tag users[id=1]'], 1),
    )
    const { rules, writes } = report()
    expect(rules[0]?.tables).to.deep.equal(['users'])
    expect(rules[0]?.evictions).to.equal(1)
    expect(writes[0]?.tables).to.deep.equal(['users'])
  })

  it('keeps the newest thousand events without hits, and gives those that are news', () => {
    const { tell, report, monitor } = watched([user])
    for (let nth = 1; nth <= 1_100; nth += 1) tell(hit, fill(nth, `user:${nth}`))
    expect(monitor.eventsSince(0)).to.have.length(1_000)
    const { events } = report()
    expect(events).to.have.length(200)
    expect(events.at(-1)).to.deep.include({ nth: 1_100, type: 'fill', key: 'user:1100' })
    expect(report(1_098).events.map(({ nth }) => nth)).to.deep.equal([1_099, 1_100])
  })

  it('keeps hits while somebody looks', () => {
    let isWatched = false
    const { tell, report } = watched([user], () => isWatched)
    tell(hit)
    isWatched = true
    tell(fill(1), hit, fill(2))
    isWatched = false
    tell(hit)
    expect(report().events.map(({ nth, type }) => [nth, type])).to.deep.equal([
      [1, 'fill'],
      [2, 'hit'],
      [3, 'fill'],
    ])
  })

  it('keeps the last hour in points of ten seconds', () => {
    const clock = install({ now: 0, toFake: ['setInterval', 'clearInterval', 'setTimeout', 'Date'] })
    try {
      const { tell, report } = watched([user])
      tell(hit, { type: 'bypass', rule: user, key: null, reason: 'store unavailable' })
      clock.tick(10_000)
      tell({ type: 'miss', rule: user, key: 'user:1', ms: 40, collapsed: false })
      clock.tick(10_000)
      const [first, second] = report().history
      expect(first).to.deep.include({
        at: 10_000,
        hits: 1,
        misses: 0,
        bypasses: 1,
        errors: 1,
        loadP50Ms: null,
      })
      expect(first?.hitP99Ms).to.be.closeTo(0.5, 0.07)
      expect(second).to.deep.include({ at: 20_000, hits: 0, misses: 1, errors: 0, hitP50Ms: null })
      clock.tick(4_000_000)
      expect(report().history).to.have.length(360)
    } finally {
      clock.uninstall()
    }
  })

  it('tells apart no more reasons than there is room for', () => {
    const { tell, report } = watched([user])
    for (let nth = 0; nth < 80; nth += 1) {
      tell({ type: 'not-stored', rule: user, key: 'user:1', reason: `Vary: x-${nth}` })
    }
    const reasons = report().rules[0]?.reasons ?? []
    expect(reasons).to.have.length(51)
    expect(reasons[0]).to.deep.include({ reason: 'other', count: 30 })
  })
})
