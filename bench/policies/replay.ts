import type { Policy } from './policy.js'
import type { Trace } from './traces.js'

/** The hit rate of the second half; the first fills the cache. A miss puts a copy in. */
export function hitRateOf(policy: Policy, maxBytes: number, trace: Trace): number {
  const { keys, sizes, steps, maxAge } = trace
  const putAt = new Map<string, number>()
  let at = 0
  const isOld = (key: string) => at - (putAt.get(key) ?? 0) >= maxAge
  const cache = policy.create({ maxBytes, isOld })
  let [reads, hits] = [0, 0]
  for (const step of steps) {
    at++
    if (step < 0) {
      cache.delete(keys[-1 - step] as string)
      continue
    }
    const key = keys[step] as string
    const isHit = cache.get(key) && !isOld(key)
    if (!isHit) {
      cache.set(key, sizes[step] as number)
      putAt.set(key, at)
    }
    if (at < steps.length / 2) continue
    reads++
    if (isHit) hits++
  }
  return hits / reads
}
