import type { PolicyCache } from './policy.js'
import type { Trace } from './traces.js'

export interface HitRate {
  readonly hitRate: number
  /** The most that the entries took at once, in bytes. */
  readonly mostBytes: number
}

/** The hit rate of the second half; the first fills the cache. A miss puts the entry in. */
export function replay(cache: PolicyCache, { keys, sizes, steps }: Trace): HitRate {
  const warm = steps.length / 2
  let [reads, hits, mostBytes] = [0, 0, 0]
  for (const [at, step] of steps.entries()) {
    if (step < 0) {
      cache.delete(keys[-1 - step] as string)
      continue
    }
    const key = keys[step] as string
    const isHit = cache.get(key)
    if (!isHit) cache.set(key, sizes[step] as number)
    if (at < warm) continue
    reads++
    if (isHit) hits++
    if (cache.bytes > mostBytes) mostBytes = cache.bytes
  }
  return { hitRate: hits / reads, mostBytes }
}
