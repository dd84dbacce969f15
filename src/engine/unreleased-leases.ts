/** Beyond it, leases end by themselves. */
const MAX_LEASES = 1_000

/**
 * Leases of loads that have ended, where the store has not acknowledged it: other processes wait for them in vain.
 *
 * A store takes back by itself what a lookup granted whose answer came too late; that lease nobody here has ever held.
 * These were held, and giving them back may never have been tried: no command is sent while the store is suspended or
 * not connected.
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
