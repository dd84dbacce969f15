import { expect } from 'chai'
import { addEvents } from '#pages/live/event-log.js'
import { addHistory, minutesOf, sumSince } from '#pages/live/history.js'
import type { DashboardEvent } from '#src/dashboard/dashboard-api.js'
import type { HistoryPoint } from '#src/monitoring/reports.js'

const point = (at: number, hits: number) =>
  ({ at, hits, misses: 1, bypasses: 0, stale: 0, errors: 0 }) as HistoryPoint
const event = (processId: string, nth: number, at: number) => ({ processId, nth, at }) as DashboardEvent

describe('what a page of the dashboard remembers', () => {
  it('takes what is newer of the last hour, and what is known better', () => {
    const known = [point(10_000, 1), point(20_000, 2)]
    expect(addHistory(known, [point(20_000, 5), point(30_000, 3)]).map(({ hits }) => hits)).to.deep.equal([
      1, 5, 3,
    ])
    expect(addHistory(known, [])).to.equal(known)
    expect(addHistory(known, [point(3_615_000, 9)]).map(({ at }) => at)).to.deep.equal([20_000, 3_615_000])
  })

  it('sums up what was counted since, and in each minute', () => {
    const history = Array.from({ length: 9 }, (_, nth) => point((nth + 1) * 10_000, 1))
    expect(sumSince(history, 60_000)).to.include({ hits: 3, misses: 3 })
    expect(minutesOf(history).map(({ at, hits }) => [at, hits])).to.deep.equal([
      [90_000, 6],
      [30_000, 3],
    ])
    expect(minutesOf([])).to.deep.equal([])
  })

  it('keeps each event once, in the order of time, and the newest thousand', () => {
    const known = [event('a', 1, 10), event('b', 1, 20)]
    const told = addEvents(known, [event('b', 1, 20), event('a', 2, 15)])
    expect(told.map(({ processId, nth }) => `${processId}${nth}`)).to.deep.equal(['a1', 'a2', 'b1'])
    expect(addEvents(known, [event('a', 1, 10)])).to.equal(known)
    const many = addEvents(
      known,
      Array.from({ length: 1200 }, (_, nth) => event('c', nth, 100 + nth)),
    )
    expect(many).to.have.length(1000)
    expect(many.at(-1)).to.include({ processId: 'c', nth: 1199 })
  })
})
