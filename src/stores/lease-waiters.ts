import type { LeaseEnd } from './store.js'

/** Those in this process who wait for the end of a lease. */
export class LeaseWaiters {
  readonly #waiting = new Map<string, Set<(end: LeaseEnd) => void>>()

  /** Resolves with the first word of the lease, or `timeout`. The timer keeps no process alive. */
  wait(lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(lease) ?? new Set()
      this.#waiting.set(lease, waiting)
      const settle = (end: LeaseEnd): void => {
        clearTimeout(timer)
        waiting.delete(settle)
        if (waiting.size === 0 && this.#waiting.get(lease) === waiting) this.#waiting.delete(lease)
        resolve(end)
      }
      const timer = setTimeout(settle, timeoutMs, 'timeout')
      timer.unref()
      waiting.add(settle)
    })
  }

  /** Tells everyone who waits for the lease. */
  tell(lease: string, end: 'ended' | 'unshareable'): void {
    for (const settle of [...(this.#waiting.get(lease) ?? [])]) settle(end)
  }

  /** Lets everyone go, as when no word can come any more. */
  tellAll(): void {
    for (const lease of [...this.#waiting.keys()]) this.tell(lease, 'ended')
  }
}
