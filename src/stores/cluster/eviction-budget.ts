/** How much a script of an eviction may do, and what happens if that is not enough. */
export interface EvictionBudget {
  readonly budget: number
  /** `go-on`: the caller goes on from the cursor; `evict-all`: all keys of the shard leave the index. */
  readonly beyondBudget: 'go-on' | 'evict-all'
}

/** So that no script keeps a server from others for more than a few milliseconds. */
export const IN_BATCHES: EvictionBudget = { budget: 500, beyondBudget: 'go-on' }
/** More than that where nobody waits and nobody goes on. */
export const IN_ONE_GO: EvictionBudget = { budget: 5_000, beyondBudget: 'evict-all' }
