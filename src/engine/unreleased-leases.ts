/** Beyond it, leases end by themselves. */
const MAX_LEASES = 1_000

/**
 * Leases of loads that have ended, where the store has not acknowledged it: readers in other processes wait for them in
 * vain.
 *
 * Not to be confused with what a store of Redis takes back by itself: leases that a lookup granted and whose answer came
 * too late. This process has never held those. It has held these, and may never have tried to give them back, since it
 * sends no command while the store is suspended or not connected.
 */
export class UnreleasedLeases {
  readonly #keys = new Map<string, string>()

  get size(): number {
    return this.#keys.size
  }

  add(lease: string, key: string): void {
    if (this.#keys.size < MAX_LEASES) this.#keys.set(lease, key)
  }

  /** Gives all back at once; each that this fails for stays for the next time. */
  async release(giveBack: (lease: string, key: string) => Promise<boolean>): Promise<void> {
    const leases = [...this.#keys]
    this.#keys.clear()
    await Promise.all(
      leases.map(async ([lease, key]) => {
        if (!(await giveBack(lease, key))) this.add(lease, key)
      }),
    )
  }
}
