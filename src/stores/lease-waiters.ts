import { LRUCache } from 'lru-cache'
import { realTime } from '../tools/real-time.js'
import type { LeaseEnd } from './store.js'

/** How many ended leases are remembered: the notice of an end may overtake the reader that is about to wait for it. */
const MAX_REMEMBERED = 1_000

/** The readers of this process that wait for the end of a lease. */
export class LeaseWaiters {
  readonly #waiting = new Map<string, Set<(end: LeaseEnd) => void>>()
  readonly #ended = new LRUCache<string, LeaseEnd>({ max: MAX_REMEMBERED })

  /** Resolves at the first notice about the lease, or with `timeout`. The timer keeps no process alive. */
  wait(lease: string, timeoutMs: number): Promise<LeaseEnd> {
    const ended = this.#ended.get(lease)
    if (ended !== undefined) return Promise.resolve(ended)
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(lease) ?? new Set()
      this.#waiting.set(lease, waiting)
      const wake = (end: LeaseEnd): void => {
        realTime.clearTimeout(timer)
        waiting.delete(wake)
        if (waiting.size === 0) this.#waiting.delete(lease)
        resolve(end)
      }
      const timer = realTime.setTimeout(() => wake('timeout'), timeoutMs)
      timer.unref()
      waiting.add(wake)
    })
  }

  /** Wakes every reader that waits for the lease, or begins to later. */
  notify(lease: string, end: 'ended' | 'unshareable'): void {
    this.#ended.set(lease, end)
    for (const wake of [...(this.#waiting.get(lease) ?? [])]) wake(end)
  }

  /** Wakes every reader, as when no notice can come any more. */
  notifyAll(): void {
    for (const lease of [...this.#waiting.keys()]) this.notify(lease, 'ended')
  }
}
