import { canBeginWith } from './keys/overlap.js'
import type { Rule } from './rules/rule.js'

/** A cache of this process, as others on the same Redis see it. */
export interface Neighbour {
  /** The same for all clients of one database. */
  readonly server: unknown
  readonly keyPrefix: string
  readonly rules: () => readonly Rule[]
  readonly warn: (warning: string) => void
}

const NEIGHBOURS = new Set<Neighbour>()

/** Makes a cache known to the others of this process. @returns A function that ends it. */
export function joinNeighbours(neighbour: Neighbour): () => void {
  NEIGHBOURS.add(neighbour)
  return () => {
    NEIGHBOURS.delete(neighbour)
  }
}

/**
 * Warns of keys of one cache that can be another's: where `{tenant}:{kind}` stands over a cache with the prefix `crm:`, a
 * request chooses its tenant so that it writes there. Only caches of this process are known.
 */
export function warnOfReach(cache: Neighbour): void {
  for (const other of NEIGHBOURS) {
    if (other === cache || other.server !== cache.server) continue
    for (const warning of reach(cache, other)) cache.warn(warning)
    for (const warning of reach(other, cache)) other.warn(warning)
  }
}

function reach(from: Neighbour, to: Neighbour): string[] {
  if (from.keyPrefix === to.keyPrefix || !to.keyPrefix.startsWith(from.keyPrefix)) return []
  const beginning = to.keyPrefix.slice(from.keyPrefix.length)
  return from.rules().flatMap((rule) => {
    // A pattern removes keys out of its own cache's index alone.
    if (rule.kind === 'evict' || !canBeginWith(rule.template, beginning)) return []
    return [
      `${rule.where}: with the keyPrefix '${from.keyPrefix}', the key '${rule.key}' can be a key of the cache with the keyPrefix '${to.keyPrefix}' on the same Redis. Give this cache a keyPrefix of its own, or the key a fixed first segment.`,
    ]
  })
}
