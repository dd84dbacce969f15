/** Where the stores of all processes publish to each other. */
export interface Channels {
  /** What the channels begin with on which each process hears of the ends of leases; see `lease-messages.ts`. */
  readonly leases: string
  /** That of this process. */
  readonly ownLeases: string
  /** What is evicted; see `tiered/invalidation-message.ts`. */
  readonly evictions: string
  /** Roll calls, by their numbers; see `membership.lua`. */
  readonly calls: string
}

/** @param id - Of this process. */
export function channelsOf(keyPrefix: string, id: string): Channels {
  return {
    leases: `${keyPrefix}#leases`,
    ownLeases: `${keyPrefix}#leases:${id}`,
    evictions: `${keyPrefix}#evictions`,
    calls: `${keyPrefix}#roll-calls`,
  }
}
