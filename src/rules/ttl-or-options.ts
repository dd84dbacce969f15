import type { CacheableOptions, CachePutOptions } from './declaration.js'
import type { Duration } from './duration.js'

/** What stands behind a key: a TTL and options; or the options alone, which may have the TTL. */
export type TtlOrOptions<Options> = Duration | Options | undefined

/** Tells one from the other. What is neither goes on as a TTL, so that the checks name it. */
export function ttlAndOptions<Options extends CacheableOptions | CachePutOptions>(
  second: TtlOrOptions<Options>,
  third: Options | undefined,
): { readonly ttl: Duration | undefined; readonly options: Options } {
  const isOptions = typeof second === 'object' && second !== null && third === undefined
  if (isOptions) return { ttl: undefined, options: second }
  return { ttl: second as Duration | undefined, options: third ?? ({} as Options) }
}
