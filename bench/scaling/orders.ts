/** What the bench has a process of members do. */
export type Order =
  | { readonly do: 'open'; readonly count: number }
  | { readonly do: 'close'; readonly count: number }
  | { readonly do: 'count' }
  /** Each member deletes so much of its share of the evictions, evenly over the time. */
  | { readonly do: 'evict'; readonly by: EvictedBy; readonly perSecond: number; readonly ms: number }
  /** Every key is asked for by as many of the members at the same time, and its load takes some time. */
  | {
      readonly do: 'load'
      readonly keys: readonly string[]
      readonly askers: number
      readonly loadMs: number
    }
  /** Until each member has served a hit of the key, which one of them stores. */
  | { readonly do: 'hit'; readonly key: string }

export type EvictedBy = 'key' | 'tag' | 'pattern'

/** Since the process began. */
export interface MemberCounts {
  readonly cpuMicroseconds: number
  /** Received on any connection of its members, by channel. */
  readonly messages: Readonly<Record<'leases' | 'roll-calls' | 'evictions', number>>
}
