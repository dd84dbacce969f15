/** What became of entering the key of a load, and if it is listed, what was there. */
export type Entered =
  | {
      readonly outcome: 'listed'
      /** Up to when evictions by tag come before the load; see `tag-marks.lua`. */
      readonly moment: string
      /** Whether the key had a record of tags. */
      readonly hasRecord: boolean
    }
  | { readonly outcome: 'unknown' | 'refused' }

/** What was there when a load began. */
export interface LoadBeginning {
  readonly moment: string
  readonly hasRecord: boolean
  /** Whether there was a value, which was stale. */
  readonly isRenewal: boolean
}

/** How the loads of this process began, by their leases. A lease that is over may store nothing, so it needs none. */
export class LoadBeginnings {
  readonly #beginnings = new Map<string, LoadBeginning & { readonly endsAt: number }>()

  note(
    lease: string,
    entered: Entered,
    { isRenewal, leaseMs }: { isRenewal: boolean; leaseMs: number },
  ): void {
    const now = performance.now()
    this.#dropEnded(now)
    if (entered.outcome !== 'listed') return
    const { moment, hasRecord } = entered
    this.#beginnings.set(lease, { moment, hasRecord, isRenewal, endsAt: now + leaseMs })
  }

  /** What was noted, which goes. */
  take(lease: string): LoadBeginning | undefined {
    const found = this.#beginnings.get(lease)
    this.#beginnings.delete(lease)
    return found
  }

  /** Of loads that nobody has ended, the oldest first: as far as the first that still runs. */
  #dropEnded(now: number): void {
    for (const [lease, { endsAt }] of this.#beginnings) {
      if (endsAt > now) return
      this.#beginnings.delete(lease)
    }
  }
}
