import type { ScriptClient } from '../redis/define-script.js'
import type { LoadBeginning } from './load-beginnings.js'
import { type ReleasedLease, releaseLease } from './release-lease.js'

export interface FilledEntry extends ReleasedLease {
  readonly value: Buffer
  readonly ttlMs: number
  /** Left out: the entry has no record of any. */
  readonly tags: readonly string[] | undefined
  /** Left out: it is not known how the load began. */
  readonly began: LoadBeginning | undefined
}

/**
 * Stores a loaded value if its lease still stands, and ends the lease. What it carries is registered before, where the
 * key is listed: an eviction by tag then either finds the key, or has left a mark that the registration finds.
 *
 * @returns Whether the value was stored.
 */
export async function fillEntry(client: ScriptClient, filled: FilledEntry): Promise<boolean> {
  const { entries, index, key, token, value, ttlMs, tags, began } = filled
  if (tags === undefined && began?.hasRecord === false) {
    const [isStored] = await Promise.all([
      entries.store(client, filled, value, ttlMs),
      index.extend(client, key, ttlMs),
    ])
    return isStored
  }
  const { outcome, isToSettle } = await index.register(client, {
    ...{ key, id: token, lifetimeMs: ttlMs, tags },
    ...{ moment: began?.moment ?? '', isRenewal: began?.isRenewal ?? true },
  })
  if (outcome === 'refused') {
    await releaseLease(client, filled, 'ended')
    return false
  }
  const isStored = await entries.store(client, filled, value, ttlMs)
  if (isToSettle || !isStored) {
    await index.settle(client, { key, id: token, isStored, hasRecord: tags !== undefined })
  }
  return isStored
}
