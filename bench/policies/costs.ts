import { Random } from '../../test/consistency/random.js'
import { retainedBytes } from '../../test/support/heap.js'
import type { Policy } from './policy.js'

export interface Costs {
  readonly hitNs: number
  /** A look for what is not there, and its entry put in place of another. */
  readonly missNs: number
  /** That the policy keeps of an entry, beside its key and value. */
  readonly bytesPerEntry: number
}

const ENTRIES = 20_000
const HITS = 1_000_000
const MISSES = 200_000
const ENTRY_BYTES = 4_000

export async function costsOf(policy: Policy, seed: number): Promise<Costs> {
  const random = new Random(seed)
  const keys = Array.from({ length: ENTRIES }, (_, number) => `customer:${number}`)
  const order = Array.from({ length: HITS }, () => keys[Math.floor(ENTRIES * random.next() ** 3)] as string)
  const others = Array.from({ length: MISSES }, (_, number) => `other:${number}`)
  const before = await retainedBytes()
  const cache = policy.create({ maxBytes: ENTRIES * ENTRY_BYTES + 1, isOld: () => false })
  for (const key of keys) cache.set(key, ENTRY_BYTES)
  const bytesPerEntry = ((await retainedBytes()) - before) / ENTRIES
  // So that all of it is compiled.
  for (const key of order) cache.get(key)
  const hitNs = nanosecondsFor(order, (key) => cache.get(key))
  const missNs = nanosecondsFor(others, (key) => {
    if (!cache.get(key)) cache.set(key, ENTRY_BYTES)
  })
  return { hitNs, missNs, bytesPerEntry }
}

function nanosecondsFor(keys: readonly string[], use: (key: string) => void): number {
  const startedAt = performance.now()
  for (const key of keys) use(key)
  return ((performance.now() - startedAt) / keys.length) * 1e6
}
