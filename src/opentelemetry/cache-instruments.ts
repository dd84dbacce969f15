import type {
  Attributes,
  BatchObservableCallback,
  Histogram,
  Meter,
  MetricOptions,
  Observable,
} from '@opentelemetry/api'
import type { CacheParts } from '../cache-parts.js'
import type { RuleLabel } from '../engine/cache-event.js'
import { CacheMeter, type DurationSink } from '../telemetry/cache-meter.js'
import { GET_BOUNDS, LOAD_BOUNDS, METRICS, type Metric, type MetricId } from '../telemetry/metrics.js'
import { ruleName } from '../telemetry/rule-name.js'

/** Gives the metrics of a cache to a meter: counters and gauges when it reads, durations as they come. */
export class CacheInstruments implements DurationSink {
  readonly #meter: Meter
  readonly #name: string
  readonly #counts: CacheMeter
  readonly #durations: Readonly<Record<'getDuration' | 'loadDuration', Histogram>>
  readonly #observables: ReadonlyMap<MetricId, Observable>
  readonly #attributesOf = new WeakMap<RuleLabel, Attributes>()

  constructor(meter: Meter, parts: CacheParts, name: string) {
    this.#meter = meter
    this.#name = name
    this.#counts = new CacheMeter(parts, this)
    this.#durations = {
      getDuration: histogram(meter, METRICS.getDuration, GET_BOUNDS),
      loadDuration: histogram(meter, METRICS.loadDuration, LOAD_BOUNDS),
    }
    this.#observables = new Map(observables(meter))
    meter.addBatchObservableCallback(this.#observe, [...this.#observables.values()])
  }

  get listener(): CacheMeter['listener'] {
    return this.#counts.listener
  }

  close(): void {
    this.#meter.removeBatchObservableCallback(this.#observe, [...this.#observables.values()])
  }

  record(metric: 'getDuration' | 'loadDuration', rule: RuleLabel, seconds: number): void {
    let attributes = this.#attributesOf.get(rule)
    if (!attributes) {
      attributes = this.#attributes({ rule: ruleName(rule) })
      this.#attributesOf.set(rule, attributes)
    }
    this.#durations[metric].record(seconds, attributes)
  }

  /** Rules of one name are one, and an observation replaces the one before. */
  readonly #observe: BatchObservableCallback = (result) => {
    const sums = new Map<
      string,
      { metric: MetricId; labels: Readonly<Record<string, string>>; value: number }
    >()
    for (const { metric, labels, value } of this.#counts.samples()) {
      const id = JSON.stringify([metric, labels])
      sums.set(id, { metric, labels, value: value + (sums.get(id)?.value ?? 0) })
    }
    for (const { metric, labels, value } of sums.values()) {
      const observable = this.#observables.get(metric)
      if (observable) result.observe(observable, value, this.#attributes(labels))
    }
  }

  #attributes(labels: Readonly<Record<string, string>>): Attributes {
    const attributes: Attributes = { 'cache.name': this.#name }
    for (const [label, value] of Object.entries(labels)) attributes[`cache.${label}`] = value
    return attributes
  }
}

function histogram(
  meter: Meter,
  { name, help }: Metric,
  explicitBucketBoundaries: readonly number[],
): Histogram {
  const advice = { explicitBucketBoundaries: [...explicitBucketBoundaries] }
  return meter.createHistogram(name, { description: help, unit: 's', advice })
}

function* observables(meter: Meter): Generator<[MetricId, Observable]> {
  for (const [id, { name, kind, help, unit }] of Object.entries<Metric>(METRICS)) {
    if (kind === 'histogram') continue
    // A gauge in '1' would be called a ratio by exporters for Prometheus.
    const options: MetricOptions = { description: help, unit: unit === 'bytes' ? 'By' : '' }
    const observable =
      kind === 'counter'
        ? meter.createObservableCounter(name, options)
        : meter.createObservableGauge(name, options)
    yield [id as MetricId, observable]
  }
}
