import type { Metric, Registry } from 'prom-client'
import { CacheError } from '../errors.js'
import { METRICS, type MetricId } from '../telemetry/metrics.js'
import type { MeasuredCache } from './measured-cache.js'
import { ScrapedMetric } from './scraped-metric.js'

type AnyRegistry = Pick<Registry, 'registerMetric' | 'getSingleMetric' | 'removeSingleMetric'>

const IN_REGISTRIES = new WeakMap<AnyRegistry, Map<string, CachesOfRegistry>>()

/** The caches whose metrics a registry has under one prefix: one metric for all of them, with a label for each. */
export class CachesOfRegistry {
  readonly #register: AnyRegistry
  readonly #prefix: string
  readonly #caches = new Set<MeasuredCache>()
  #names: readonly string[] = []

  static of(register: AnyRegistry, prefix: string): CachesOfRegistry {
    const byPrefix = IN_REGISTRIES.get(register) ?? new Map<string, CachesOfRegistry>()
    IN_REGISTRIES.set(register, byPrefix)
    const known = byPrefix.get(prefix) ?? new CachesOfRegistry(register, prefix)
    byPrefix.set(prefix, known)
    return known
  }

  constructor(register: AnyRegistry, prefix: string) {
    this.#register = register
    this.#prefix = prefix
  }

  /** @throws CacheError `E_CACHE_OPTION` if the registry has the metrics of another, or of a cache of that name. */
  add(cache: MeasuredCache): void {
    if ([...this.#caches].some(({ name }) => name === cache.name)) throw takenName(cache.name)
    if (this.#caches.size === 0) this.#enter()
    this.#caches.add(cache)
  }

  /** The last one takes the metrics with it. */
  remove(cache: MeasuredCache): void {
    if (!this.#caches.delete(cache) || this.#caches.size > 0) return
    for (const name of this.#names) this.#register.removeSingleMetric(name)
    this.#names = []
  }

  #enter(): void {
    const metrics = (Object.keys(METRICS) as MetricId[]).map(
      (id) => new ScrapedMetric(id, this.#prefix, this.#caches),
    )
    for (const { name } of metrics) if (this.#register.getSingleMetric(name)) throw takenMetric(name)
    // A registry asks of a metric what ScrapedMetric has; the type names prom-client's own classes alone.
    for (const metric of metrics) this.#register.registerMetric(metric as unknown as Metric)
    this.#names = metrics.map(({ name }) => name)
  }
}

function takenName(name: string): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: 'cacheMetrics()',
    problem: `the registry has the metrics of a cache '${name}' already`,
    mend: `Call it once for each cache, and give each a name of its own: cacheMetrics(cache, { name: 'crm' }).`,
  })
}

function takenMetric(name: string): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: 'cacheMetrics()',
    problem: `the registry has a metric '${name}' of another's already`,
    mend: `Give a prefix: cacheMetrics(cache, { prefix: 'http_' }).`,
  })
}
