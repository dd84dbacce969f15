import type { ScriptClient } from '../redis/define-script.js'
import type { PublishedEnd } from '../redis/lease-messages.js'
import type { ClusterEntries, Holder } from './cluster-entries.js'
import type { ClusterIndex } from './cluster-index.js'

export interface ReleasedLease extends Holder {
  readonly entries: ClusterEntries
  readonly index: ClusterIndex
}

/** Gives a lease back, and takes its key out of the index if there is no value. */
export async function releaseLease(
  client: ScriptClient,
  lease: ReleasedLease,
  end: PublishedEnd,
): Promise<void> {
  const { entries, index, key } = lease
  const stood = await entries.endLease(client, lease, end)
  // Another reader may have begun to load meanwhile, whose value is then not served: no harm but another load.
  if (stood && !(await entries.hasValue(client, key))) await index.unlist(client, key)
}
