import { type OpenMetricsContentType, type PrometheusContentType, type Registry, register } from 'prom-client'
import type { Cache } from '../cache.js'
import { partsOf } from '../cache-parts.js'
import { GET_BOUNDS, LOAD_BOUNDS } from '../telemetry/metrics.js'
import { telemetryName } from '../telemetry/telemetry-name.js'
import { knownOptions, wrongOption } from '../tools/check-values.js'
import { CachesOfRegistry } from './caches-of-registry.js'
import { MeasuredCache } from './measured-cache.js'

/** Options of `cacheMetrics`. */
export interface CacheMetricsOptions {
  /** Where the metrics are. @defaultValue the default registry of prom-client */
  readonly register?: Registry<PrometheusContentType> | Registry<OpenMetricsContentType> | undefined
  /** What the cache is called in the label `cache`. @defaultValue its keyPrefix, or `default` */
  readonly name?: string | undefined
  /** Put in front of each metric's name: `'crm_'` gives `crm_cache_gets_total`. @defaultValue `''` */
  readonly prefix?: string | undefined
  /** Upper bounds of the histograms, in seconds, ascending. @defaultValue 50 µs to 100 ms for gets, 1 ms to 10 s for loads */
  readonly buckets?: { readonly gets?: readonly number[]; readonly loads?: readonly number[] } | undefined
}

const WHERE = 'cacheMetrics()'
const KNOWN = new Set<keyof CacheMetricsOptions>(['register', 'name', 'prefix', 'buckets'])

/**
 * Puts the metrics of a cache into a registry of prom-client, until the cache is closed. Several caches may be in one
 * registry. No label holds a key.
 *
 * @returns A function that takes them out.
 * @throws CacheError `E_CACHE_OPTION` for wrong options, and for a cache that is in the registry already.
 * @example
 * cacheMetrics(cache)
 * app.get('/metrics', async (req, res) => void res.type(register.contentType).send(await register.metrics()))
 */
export function cacheMetrics(cache: Cache, options: CacheMetricsOptions = {}): () => void {
  knownOptions(WHERE, options, KNOWN, 'Write cacheMetrics(cache, { register }).')
  const parts = partsOf(cache)
  const measured = new MeasuredCache(parts, telemetryName(WHERE, options.name, parts), {
    gets: boundsOf('gets', options.buckets?.gets ?? GET_BOUNDS),
    loads: boundsOf('loads', options.buckets?.loads ?? LOAD_BOUNDS),
  })
  const caches = CachesOfRegistry.of(registryOf(options.register ?? register), prefixOf(options.prefix))
  caches.add(measured)
  const stopListening = parts.listeners.add(measured.listener)
  const end = () => {
    stopListening()
    forgetEnd()
    caches.remove(measured)
  }
  const forgetEnd = parts.onClose(end)
  return end
}

function registryOf(registry: unknown): Registry {
  if (typeof Object(registry).registerMetric === 'function') return registry as Registry
  throw wrongOption(WHERE, 'register is no registry of prom-client', 'Give what new Registry() gives.')
}

function prefixOf(prefix: unknown = ''): string {
  if (typeof prefix === 'string' && /^([A-Za-z_:][A-Za-z0-9_:]*)?$/.test(prefix)) return prefix
  throw wrongOption(WHERE, 'the prefix cannot be used', `Give one such as 'crm_'.`)
}

function boundsOf(which: string, bounds: unknown): readonly number[] {
  const isAscending = (value: unknown, at: number, all: readonly unknown[]) =>
    Number.isFinite(value) &&
    (value as number) > 0 &&
    (at === 0 || (value as number) > (all[at - 1] as number))
  if (Array.isArray(bounds) && bounds.length > 0 && bounds.every(isAscending)) return [...bounds]
  throw wrongOption(
    WHERE,
    `buckets.${which} is no ascending list of seconds`,
    `Give one such as { ${which}: [0.001, 0.01, 0.1] }.`,
  )
}
