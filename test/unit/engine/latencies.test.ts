import { expect } from 'chai'
import { bucketsSince, Latencies, latencyReport, percentileMs, sumOfBuckets } from '#src/engine/latencies.js'

function of(durations: readonly number[]): Latencies {
  const latencies = new Latencies()
  for (const ms of durations) latencies.add(ms)
  return latencies
}

describe('Latencies', () => {
  it('have no percentiles while there is nothing', () => {
    expect(latencyReport(of([]).buckets())).to.deep.equal({
      count: 0,
      p50Ms: null,
      p99Ms: null,
      buckets: [],
    })
  })

  for (const ms of [0.011, 0.05, 0.9, 1, 1.24, 7, 10, 333, 4_096, 99_000]) {
    it(`tell ${ms} ms by an eighth at most`, () => {
      expect(percentileMs(of([ms]).buckets(), 0.5)).to.be.closeTo(ms, ms / 8)
    })
  }

  it('keep what is too short or too long in the first and in the last bucket', () => {
    expect(of([0, 0.002]).buckets()).to.deep.equal([2])
    expect(of([1e9, Number.MAX_VALUE]).buckets()).to.have.length(96)
  })

  it('keep more time apart the longer it is, and never in the wrong order', () => {
    const places = Array.from({ length: 2_000 }, (_, nth) => of([0.005 * 1.01 ** nth]).buckets().length)
    expect(places).to.deep.equal([...places].sort((one, other) => one - other))
    expect(new Set(places).size).to.equal(96)
  })

  it('tell the median from what one in a hundred waits for', () => {
    const report = latencyReport(of([...Array(98).fill(2), 500, 500]).buckets())
    expect(report.count).to.equal(100)
    expect(report.p50Ms).to.be.closeTo(2, 0.25)
    expect(report.p99Ms).to.be.closeTo(500, 63)
  })

  it('can be added, and told by what has come since', () => {
    const one = of([1, 1, 50])
    const before = one.buckets()
    one.add(900)
    expect(bucketsSince(one.buckets(), before)).to.deep.equal(of([900]).buckets())
    const sum = sumOfBuckets([of([1, 50]).buckets(), of([900]).buckets(), of([1]).buckets()])
    expect(sum).to.deep.equal(one.buckets())
    expect(one.sumMs).to.equal(952)
  })
})
