import type { ScriptClient } from '../redis/define-script.js'
import type { StoredValue } from '../store.js'
import type { ClusterEntries, Holder } from './cluster-entries.js'
import type { ClusterIndex } from './cluster-index.js'
import { releaseLease } from './release-lease.js'
import type { Taking } from './taking.js'

/** How often a reader begins again because an eviction got in the way. */
const MAX_TURNS = 10

/** What became of entering a key: `unknown`, if it had to be listed and was not; `refused`, if there is no leave. */
export interface Entering {
  readonly outcome: 'listed' | 'unknown' | 'refused'
}

export interface AcquisitionOptions<Entered extends Entering> extends Holder {
  readonly entries: ClusterEntries
  readonly index: ClusterIndex
  readonly leaseMs: number
  readonly graceMs: number
  /** Whether a fresh value without known tags is as good as missing. */
  readonly needsTags?: boolean | undefined
  /** Enters the key in the index. */
  readonly enter: (mustBeListed: boolean) => Promise<Entered>
}

/**
 * A fresh value, or the key's lease with the key listed, or whose lease stands, or what is there and not the cache's, or
 * no leave to enter the key.
 */
export type Acquired<Entered> =
  | ({ readonly kind: 'hit' } & StoredValue)
  | {
      readonly kind: 'lease'
      readonly lease: string
      readonly stale: StoredValue | null
      readonly entered: Entered
    }
  | { readonly kind: 'busy'; readonly lease: string; readonly stale: StoredValue | null }
  | { readonly kind: 'foreign'; readonly type: string }
  | { readonly kind: 'refused' }

/** The lease is taken, and pending until the key is listed. */
interface Pending {
  readonly kind: 'pending'
  readonly stale: StoredValue | null
}

/** An eviction came in between. */
type Evicted = 'evicted'

/**
 * Acquires a key: a value, or the right to load one. It takes steps in two slots, between which an eviction may come.
 *
 *   step       | outcome                                                                  | next
 *   look       | what is not the cache's                                                  | foreign
 *              | a fresh value, and the key is listed                                     | hit
 *              | another's lease, and the key is listed or the lease pending              | busy
 *              | a value or another's lease, which do not count, as the key is not listed | start over
 *              | a fresh value whose tags are needed and not known                        | start over
 *              | the lease                                                                | enter
 *   start over | what is not the cache's                                                 | foreign
 *              | another's lease that is pending                                          | busy
 *              | the lease, with what was there removed                                   | enter
 *   enter      | the key is listed                                                        | confirm
 *              | there is a stale value, and its key is not listed any more               | start over, then look
 *              | no leave                                                                 | refused
 *   confirm    | the lease stood                                                          | lease
 *              | an eviction has ended the lease                                          | look
 */
export class KeyAcquisition<Entered extends Entering> {
  readonly #client: ScriptClient
  readonly #options: AcquisitionOptions<Entered>

  constructor(client: ScriptClient, options: AcquisitionOptions<Entered>) {
    this.#client = client
    this.#options = options
  }

  async run(): Promise<Acquired<Entered>> {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const outcome = await (this.#options.needsTags ? this.#acquireTagged() : this.#acquire(true))
      if (outcome !== 'evicted') return outcome
    }
    throw new Error(`The key was evicted ${MAX_TURNS} times while it was looked up`)
  }

  /**
   * Value and tags lie in two slots. What carried these tags before the value was read, and has been registered for no
   * other since, carries them: whoever stores a value registers its tags first.
   */
  async #acquireTagged(): Promise<Acquired<Entered> | Evicted> {
    const { index, key } = this.#options
    const before = await index.tagsOf(this.#client, key)
    const outcome = await this.#acquire(before !== null)
    if (outcome === 'evicted' || outcome.kind !== 'hit') return outcome
    const after = await index.tagsOf(this.#client, key)
    return before && after?.id === before.id ? { ...outcome, tags: before.tags } : 'evicted'
  }

  async #acquire(takesValue: boolean): Promise<Acquired<Entered> | Evicted> {
    const found = await this.#look(takesValue)
    return found.kind === 'pending' ? this.#enter(found) : found
  }

  async #look(takesValue: boolean): Promise<Acquired<Entered> | Pending> {
    const { index, key } = this.#options
    const { found, isListed } = await index.withListing(this.#client, key, () => this.#take('look-up'))
    // A holder whose lease is pending is just about to make it count.
    const counts =
      (isListed && (takesValue || found.kind !== 'value')) ||
      found.kind === 'foreign' ||
      (found.kind === 'busy' && found.isPending)
    const taking = counts ? found : await this.#take('start-over')
    switch (taking.kind) {
      case 'foreign':
        return taking
      case 'value':
        return { kind: 'hit', ...taking.stored }
      case 'busy':
        return { kind: 'busy', lease: taking.holder, stale: isListed ? taking.stored : null }
      case 'lease':
        return { kind: 'pending', stale: taking.stored }
    }
  }

  async #enter({ stale }: Pending): Promise<Acquired<Entered> | Evicted> {
    const entered = await this.#options.enter(stale !== null)
    switch (entered.outcome) {
      case 'listed':
        return this.#confirm(stale, entered)
      case 'unknown':
        await this.#take('start-over')
        return 'evicted'
      case 'refused':
        await releaseLease(this.#client, this.#options, 'ended')
        return { kind: 'refused' }
    }
  }

  async #confirm(stale: StoredValue | null, entered: Entered): Promise<Acquired<Entered> | Evicted> {
    const { entries, token } = this.#options
    const stood = await entries.confirm(this.#client, this.#options)
    return stood ? { kind: 'lease', lease: token, stale, entered } : 'evicted'
  }

  #take(mode: 'look-up' | 'start-over'): Promise<Taking> {
    const { entries, leaseMs, graceMs } = this.#options
    return entries.take(this.#client, this.#options, { leaseMs, graceMs, mode })
  }
}
