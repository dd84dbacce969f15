/** What the bench has a process of members do. */
export type Order =
  | { readonly do: 'open' | 'close'; readonly count: number }
  | { readonly do: 'count' }
  /** Stores what the next evictions remove, one entry each. */
  | { readonly do: 'store'; readonly by: EvictedBy; readonly count: number }
  /** Evicts in the name of one member after the other, evenly over the time. */
  | { readonly do: 'evict'; readonly by: EvictedBy; readonly perSecond: number; readonly ms: number }
  /** Each key is asked for by so many of the members at the same time, and none is cached. */
  | { readonly do: 'load'; readonly keys: readonly string[]; readonly askers: number }
  /** Until each member has had a hit. */
  | { readonly do: 'hit' }

export type EvictedBy = 'key' | 'pattern' | 'tag'

/** What members receive on channels. */
export const CHANNELS = ['leases', 'roll-calls', 'evictions'] as const
export type Messages = Readonly<Record<(typeof CHANNELS)[number], number>>

/** Since the process began, of all its members. */
export interface MemberCounts {
  readonly cpuMicroseconds: number
  readonly messages: Messages
}
