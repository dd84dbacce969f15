import { expect } from 'chai'
import { frameLines, type Look, lineOf, nextOrder, ORDERS } from '#src/cli/top/frame.js'
import { RateTracker } from '#src/cli/top/rates.js'
import { latencyReport } from '#src/engine/latencies.js'
import type { ProcessReport, RuleReport } from '#src/monitoring/reports.js'
import { processReport } from '../../support/process-report.js'

const [RULE] = processReport('any').rules

function rule(changed: Partial<RuleReport>): RuleReport {
  return { ...(RULE as RuleReport), ...changed }
}

/** A report of a process with one rule that has so many hits and misses; each hit took about a millisecond. */
function report(id: string, at: number, hits: number, misses: number): ProcessReport {
  const buckets = [...Array.from({ length: 27 }, () => 0), hits]
  const hitLatency = latencyReport(buckets)
  return processReport(id, { at, rules: [rule({ hits, misses, bypasses: 0, hitLatency })] })
}

describe('RateTracker', () => {
  it('adds up what processes did a second between their last two reports, each by its own clock', () => {
    const tracker = new RateTracker()
    tracker.note([report('a', 1_000, 10, 0), report('b', 50_000, 100, 7)])
    expect(tracker.all().requests, 'nothing is known of the time before').to.equal(0)
    tracker.note([report('a', 3_000, 30, 4), report('b', 51_000, 140, 7)])
    const all = tracker.all()
    expect(all).to.include({ requests: 52, hits: 50, misses: 2, bypasses: 0 })
    expect(all.hitP50Ms).to.be.within(0.5, 1.5)
    expect(tracker.rules()).to.have.length(1)
    expect(tracker.rules()[0]).to.include({ name: 'GET /customers/:id', storedBytes: 1_800, requests: 52 })
  })

  it('keeps the rate of a process that has said nothing new, and drops one that has gone', () => {
    const tracker = new RateTracker()
    tracker.note([report('a', 1_000, 0, 0), report('b', 1_000, 0, 0)])
    tracker.note([report('a', 2_000, 5, 0), report('b', 2_000, 7, 0)])
    tracker.note([report('a', 2_000, 5, 0)])
    expect(tracker.all().requests).to.equal(5)
  })
})

describe('a frame of top', () => {
  const tracker = new RateTracker()
  tracker.note([report('a', 0, 0, 0)])
  tracker.note([report('a', 1_000, 30, 10)])
  const look: Look = {
    ...{ at: new Date('2026-11-29T03:00:00Z'), place: 'here', processes: 2, keys: 1_234, trouble: null },
    all: tracker.all(),
    rules: [
      ...tracker.rules(),
      { ...tracker.all(), name: 'GET /idle', key: 'idle', storedBytes: 9_000, requests: 0 },
    ],
  }
  const plain = (_style: string, text: string) => text

  it('shows the busiest first, or what is asked for, and as many as fit', () => {
    const lines = frameLines(look, 'requests', { columns: 100, rows: 24 }, plain)
    expect(lines[0]).to.match(/^express-cacheable top {2}here {2}2 processes, 1,234 keys {2}\d\d:\d\d:\d\d$/)
    expect(lines[1]).to.equal('40 requests/s, 75.0% hits, 0 bypasses/s, loads p99 – ms')
    expect(lines[4]).to.match(/^GET \/customers\/:id +40 +75\.0%/)
    expect(lines.at(-1)).to.equal('by requests · s: by hit rate · q: quit')
    const byStored = frameLines(look, 'stored', { columns: 100, rows: 7 }, plain)
    expect(byStored[4]).to.match(/^GET \/idle/)
    expect(byStored.at(-1)).to.include('1 rule more')
    expect(byStored.length).to.be.at.most(7)
  })

  it('says that Redis does not answer, and keeps what it knew', () => {
    const lines = frameLines(
      { ...look, trouble: 'Redis did not answer' },
      'requests',
      { columns: 80, rows: 24 },
      plain,
    )
    expect(lines[1]).to.equal('Redis did not answer')
    expect(lines[4]).to.include('GET /customers/:id')
    expect(lineOf({ ...look, trouble: 'Redis did not answer' })).to.equal(
      '2026-11-29T03:00:00.000Z  Redis did not answer',
    )
  })

  it('goes through all orders and begins again', () => {
    expect(ORDERS.map(nextOrder)).to.deep.equal([...ORDERS.slice(1), ORDERS[0]])
  })
})
