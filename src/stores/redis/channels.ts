/** Where the stores of all processes publish to each other. */
export interface Channels {
  /** The ends of leases; see `lease-messages.ts`. */
  readonly leases: string
  /** What is evicted; see `tiered/invalidation-message.ts`. */
  readonly evictions: string
  /** Roll calls, by their numbers; see `membership.lua`. */
  readonly calls: string
}

export function channelsOf(keyPrefix: string): Channels {
  return {
    leases: `${keyPrefix}#leases`,
    evictions: `${keyPrefix}#evictions`,
    calls: `${keyPrefix}#roll-calls`,
  }
}
