import type { ScriptClient } from '../redis/define-script.js'
import type { PublishedEnd } from '../redis/lease-messages.js'
import type { StoredValue } from '../store.js'
import type { ClusterNames } from './cluster-names.js'
import { confirm, endLease, readValue, removeValue, store, type TakeMode, take } from './cluster-scripts.js'
import type { Taking } from './taking.js'

/** A reader or a writer that holds, or is to hold, the lease of a key. */
export interface Holder {
  readonly key: string
  readonly token: string
}

/** The values and leases of a cluster, each pair in the slot of its key. What they are worth, the index says. */
export class ClusterEntries {
  readonly #names: ClusterNames
  readonly #leaseChannel: string

  constructor(names: ClusterNames, leaseChannel: string) {
    this.#names = names
    this.#leaseChannel = leaseChannel
  }

  read(client: ScriptClient, key: string): Promise<StoredValue | null> {
    return readValue(client, { value: this.#names.value(key) }, undefined)
  }

  /** Takes the key's lease, if what lies there allows it in this mode. */
  take(
    client: ScriptClient,
    { key, token }: Holder,
    { leaseMs, graceMs, mode }: { leaseMs: number; graceMs: number; mode: TakeMode },
  ): Promise<Taking> {
    const channel = this.#leaseChannel
    return take(client, this.#names.entry(key), { token, leaseMs, graceMs, mode, channel })
  }

  /** @returns Whether the lease still stood. */
  confirm(client: ScriptClient, { key, token }: Holder): Promise<boolean> {
    return confirm(client, this.#names.entry(key), { token })
  }

  /** @returns Whether the value was stored: whether the lease still stood. */
  store(client: ScriptClient, { key, token }: Holder, value: Buffer, ttlMs: number): Promise<boolean> {
    return store(client, this.#names.entry(key), { token, value, ttlMs, channel: this.#leaseChannel })
  }

  /** @returns Whether the lease stood. */
  endLease(client: ScriptClient, { key, token }: Holder, end: PublishedEnd): Promise<boolean> {
    return endLease(client, this.#names.entry(key), { channel: this.#leaseChannel, end, token })
  }

  /**
   * Removes a value and the lease, whoever holds it. Two scripts for one name each: while a slot moves, the servers
   * would refuse one for both.
   *
   * @returns How many values there were: one or none.
   */
  async remove(client: ScriptClient, key: string): Promise<number> {
    const names = this.#names.entry(key)
    const [, removed] = await Promise.all([
      endLease(client, names, { channel: this.#leaseChannel, end: 'ended' }),
      removeValue(client, names, undefined),
    ])
    return removed
  }

  async hasValue(client: ScriptClient, key: string): Promise<boolean> {
    return (await client.exists(this.#names.value(key))) > 0
  }

  /** Whether there is neither a value nor a lease. Two commands, for the same reason. */
  async isDead(client: ScriptClient, key: string): Promise<boolean> {
    const { value, lease } = this.#names.entry(key)
    const [values, leases] = await Promise.all([client.exists(value), client.exists(lease)])
    return values + leases === 0
  }
}
