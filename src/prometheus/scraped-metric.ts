import { METRICS, type Metric, type MetricId, prometheusName } from '../telemetry/metrics.js'
import type { MeasuredCache, ScrapedValue } from './measured-cache.js'

/**
 * A metric of a registry that asks the caches when somebody scrapes. The metrics of prom-client look their labels up at each
 * call, which would cost a hit more than all else that is counted of it.
 */
export class ScrapedMetric {
  /** The registry of OpenMetrics takes `_total` off it. */
  name: string
  readonly help: string
  readonly type: Metric['kind']
  /** Of the processes of a cluster. */
  readonly aggregator = 'sum'
  readonly #id: MetricId
  readonly #caches: ReadonlySet<MeasuredCache>

  constructor(id: MetricId, prefix: string, caches: ReadonlySet<MeasuredCache>) {
    const metric = METRICS[id]
    this.name = prometheusName(metric, prefix)
    this.help = metric.help
    this.type = metric.kind
    this.#id = id
    this.#caches = caches
  }

  async get(): Promise<object> {
    const { name, help, type, aggregator } = this
    const values = [...this.#caches].flatMap((cache) => cache.valuesOf(this.#id))
    return { name, help, type, aggregator, values: values.map((value) => this.#named(value)) }
  }

  /** `register.resetMetrics()` starts metrics anew; what a cache has done it has done. */
  reset(): void {}

  #named({ labels, value, suffix }: ScrapedValue): object {
    return suffix ? { labels, value, metricName: this.name + suffix } : { labels, value }
  }
}
