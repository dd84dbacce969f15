import type { CacheParts } from '../cache-parts.js'
import { wrongOption } from '../tools/check-values.js'

/** What a cache is called in labels: the option, or its keyPrefix without the separator at its end. @throws CacheError `E_CACHE_OPTION` */
export function telemetryName(
  where: string,
  name: unknown,
  { options }: Pick<CacheParts, 'options'>,
): string {
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw wrongOption(where, 'name is no text', `Give one such as name: 'crm'.`)
  }
  return name ?? (options.keyPrefix.replace(/[^A-Za-z0-9]+$/, '') || 'default')
}
