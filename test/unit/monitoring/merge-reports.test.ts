import { expect } from 'chai'
import {
  mergeEvents,
  mergeHistories,
  mergeRules,
  mergeStores,
  mergeTotals,
  mergeWrites,
  ratesBetween,
} from '#src/monitoring/merge-reports.js'
import type { HistoryPoint, ProcessReport, RuleReport } from '#src/monitoring/reports.js'
import { processReport } from '../../support/process-report.js'

const [ruleOfAll] = processReport('a').rules as [RuleReport]
const [pointOfAll] = processReport('a').history as [HistoryPoint]

describe('merged reports', () => {
  it('have the sums of all', () => {
    const totals = mergeTotals([processReport('a'), processReport('b'), processReport('c')])
    expect(totals).to.deep.include({ hits: 9, misses: 6, bypasses: 3, evicted: 3, savedMs: 37.5 })
    expect(mergeTotals([])).to.deep.include({ hits: 0, savedMs: 0 })
  })

  it('have each rule once, with the route that any process knows', () => {
    const unmounted: RuleReport = {
      ...ruleOfAll,
      name: ruleOfAll.where,
      biggest: { key: 'customer:9', bytes: 900 },
      hitLatency: { count: 1, p50Ms: 1, p99Ms: 1, buckets: [0, 0, 0, 7] },
      reasons: [
        { kind: 'bypass', reason: 'condition', count: 5, mend: null },
        { kind: 'bypass', reason: 'Range', count: 7, mend: 'x' },
      ],
      tables: ['orders'],
    }
    const other: RuleReport = {
      ...ruleOfAll,
      where: 'Orders.one',
      key: 'order:{id}',
      name: 'GET /orders/:id',
    }
    const [first, second, ...more] = mergeRules([
      processReport('a', { name: 'shop', rules: [unmounted] }),
      processReport('b', { name: 'shop', rules: [{ ...ruleOfAll, tables: ['customers'] }] }),
      processReport('c', { name: 'orders', rules: [other] }),
    ])
    expect(more).to.have.length(0)
    expect(first).to.deep.include({
      ...{ name: 'GET /customers/:id', hits: 6, loads: 4, storedBytes: 1_800, processes: ['shop'] },
      ...{ biggest: { key: 'customer:9', bytes: 900 }, tables: ['orders', 'customers'] },
    })
    expect(first?.hitLatency).to.deep.include({ count: 10, buckets: [0, 1, 2, 7] })
    expect(first?.reasons.map(({ reason, count }) => [reason, count])).to.deep.equal([
      ['Range', 7],
      ['condition', 6],
    ])
    expect(second).to.deep.include({ name: 'GET /orders/:id', hits: 3, processes: ['orders'] })
  })

  it('have each write once', () => {
    const [write] = mergeWrites([processReport('a'), processReport('b')])
    expect(write).to.deep.include({ writes: 2, removed: 2, patterns: ['customer:*'], event: null })
  })

  it('have the state of the store where it is worst', () => {
    const { store } = processReport('a')
    const stores: ProcessReport['store'][] = [
      { ...store, owedEvictions: 1 },
      { ...store, available: false, circuit: 'half-open', owedEvictions: 2 },
      { ...store, circuit: 'open' },
    ]
    expect(mergeStores(stores.map((one, nth) => processReport(String(nth), { store: one })))).to.deep.equal({
      ...{ kind: 'redis', available: false, circuit: 'open', owedEvictions: 3 },
    })
    expect(mergeStores([])).to.deep.include({ kind: 'memory', available: true, circuit: 'closed' })
  })

  it('have points of the same ten seconds together', () => {
    const at = (time: number, changed: Partial<HistoryPoint>) => ({ ...pointOfAll, at: time, ...changed })
    const history = mergeHistories([
      processReport('a', { history: [at(10_000, { hits: 3, hitP50Ms: 1, hitP99Ms: 4 }), at(20_000, {})] }),
      processReport('b', { history: [at(7_001, { hits: 1, hitP50Ms: 5, hitP99Ms: 9, loadP99Ms: 2 })] }),
    ])
    expect(history.map((point) => point.at)).to.deep.equal([10_000, 20_000])
    expect(history[0]).to.deep.include({
      ...{ hits: 4, misses: 4, hitP50Ms: 2, hitP99Ms: 9, loadP50Ms: null, loadP99Ms: 2 },
    })
  })

  it('say how many a second, and nothing of a process that was not there before', () => {
    const totalsWith = (hits: number) => ({ ...processReport('a').totals, hits })
    const rates = ratesBetween(
      [processReport('a', { at: 1_000, totals: totalsWith(10) })],
      [
        processReport('a', { at: 3_000, totals: totalsWith(30) }),
        processReport('b', { at: 3_000, totals: totalsWith(9_999) }),
      ],
      ['hits', 'misses'],
    )
    expect(rates).to.deep.equal({ hits: 10, misses: 0 })
  })

  it('have the events of all in the order of their times', () => {
    const [event] = processReport('a').events
    const events = (...all: [number, number][]) =>
      all.map(([nth, at]) => ({ ...event, nth, at }) as ProcessReport['events'][number])
    const merged = mergeEvents([
      processReport('a', { name: 'one', events: events([1, 10], [2, 30]) }),
      processReport('b', { name: 'other', events: events([7, 20], [8, 30]) }),
    ])
    expect(merged.map(({ process, nth }) => `${process} ${nth}`)).to.deep.equal([
      ...['one 1', 'other 7', 'one 2', 'other 8'],
    ])
    expect(merged[0]).to.deep.include({ processId: 'a' })
  })
})
