import type { CacheParts } from '../cache-parts.js'
import type { RuleLabel } from '../engine/cache-event.js'
import { CacheMeter, type DurationSink } from '../telemetry/cache-meter.js'
import { METRICS, type MetricId } from '../telemetry/metrics.js'
import { ruleName } from '../telemetry/rule-name.js'
import { groupBy } from '../tools/group-by.js'
import { DurationHistogram } from './duration-histogram.js'

type Labels = Readonly<Record<string, string | number>>

/** A line of what is scraped. */
export interface ScrapedValue {
  readonly labels: Labels
  readonly value: number
  /** Where it is not the metric's: that of a bucket, a sum or a count. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
}

type Scraped = ReadonlyMap<MetricId, readonly ScrapedValue[]>

/** What is counted of one cache, in the words of a scrape. */
export class MeasuredCache implements DurationSink {
  readonly name: string
  readonly #meter: CacheMeter
  readonly #histograms: Readonly<Record<'getDuration' | 'loadDuration', DurationHistogram>>
  /** A scrape asks each metric by itself, all in one turn. */
  #scraped: Scraped | null = null

  constructor(
    parts: CacheParts,
    name: string,
    bounds: { readonly gets: readonly number[]; readonly loads: readonly number[] },
  ) {
    this.name = name
    this.#meter = new CacheMeter(parts, this)
    this.#histograms = {
      getDuration: new DurationHistogram(bounds.gets),
      loadDuration: new DurationHistogram(bounds.loads),
    }
  }

  get listener(): CacheMeter['listener'] {
    return this.#meter.listener
  }

  record(metric: 'getDuration' | 'loadDuration', rule: RuleLabel, seconds: number): void {
    this.#histograms[metric].record(rule, seconds)
  }

  valuesOf(metric: MetricId): readonly ScrapedValue[] {
    if (!this.#scraped) {
      this.#scraped = this.#scrape()
      queueMicrotask(() => {
        this.#scraped = null
      })
    }
    return this.#scraped.get(metric) ?? []
  }

  #scrape(): Scraped {
    const scraped = new Map<MetricId, ScrapedValue[]>()
    for (const [metric, values] of this.#sums()) {
      scraped.set(
        metric,
        [...values.values()].map(({ labels, value }) => ({ labels, value })),
      )
    }
    for (const metric of ['getDuration', 'loadDuration'] as const) {
      scraped.set(metric, [...this.#bucketsOf(metric)])
    }
    return scraped
  }

  /** Rules of one name, such as a controller's that is mounted twice, are one. */
  #sums(): ReadonlyMap<MetricId, ReadonlyMap<string, { labels: Labels; value: number }>> {
    const sums = new Map<MetricId, Map<string, { labels: Labels; value: number }>>()
    for (const { metric, labels, value } of this.#meter.samples()) {
      const byLabels = sums.get(metric) ?? new Map()
      sums.set(metric, byLabels)
      const id = METRICS[metric].labels.map((label) => JSON.stringify(labels[label])).join()
      const before = byLabels.get(id)
      if (before) before.value += value
      else byLabels.set(id, { labels: { cache: this.name, ...labels }, value })
    }
    return sums
  }

  *#bucketsOf(metric: 'getDuration' | 'loadDuration'): Generator<ScrapedValue> {
    const { bounds } = this.#histograms[metric]
    const byName = groupBy(this.#histograms[metric].list(), ({ rule }) => ruleName(rule))
    for (const [rule, counts] of byName) {
      const labels = { cache: this.name, rule }
      let total = 0
      for (const [at, bound] of [...bounds, '+Inf'].entries()) {
        total += counts.reduce((sum, { buckets }) => sum + (buckets[at] ?? 0), 0)
        yield { labels: { le: bound, ...labels }, value: total, suffix: '_bucket' }
      }
      yield { labels, value: counts.reduce((sum, one) => sum + one.sum, 0), suffix: '_sum' }
      yield { labels, value: total, suffix: '_count' }
    }
  }
}
