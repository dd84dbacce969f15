import { LRUCache } from 'lru-cache'
import type { LeaseEnd } from './store.js'

/** So many leases that ended lately: word of an end may come before whoever was told of the lease waits for it. */
const REMEMBERED = 1_000

/** Those in this process who wait for the end of a lease. */
export class LeaseWaiters {
  readonly #waiting = new Map<string, Set<(end: LeaseEnd) => void>>()
  readonly #ended = new LRUCache<string, LeaseEnd>({ max: REMEMBERED })

  /** Resolves with the first word of the lease, or `timeout`. The timer keeps no process alive. */
  wait(lease: string, timeoutMs: number): Promise<LeaseEnd> {
    const ended = this.#ended.get(lease)
    if (ended !== undefined) return Promise.resolve(ended)
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(lease) ?? new Set()
      this.#waiting.set(lease, waiting)
      const settle = (end: LeaseEnd): void => {
        clearTimeout(timer)
        waiting.delete(settle)
        if (waiting.size === 0) this.#waiting.delete(lease)
        resolve(end)
      }
      const timer = setTimeout(settle, timeoutMs, 'timeout')
      timer.unref()
      waiting.add(settle)
    })
  }

  /** Tells everyone who waits for the lease, or still will. */
  tell(lease: string, end: 'ended' | 'unshareable'): void {
    this.#ended.set(lease, end)
    for (const settle of [...(this.#waiting.get(lease) ?? [])]) settle(end)
  }

  /** Lets everyone go, as when no word can come any more. */
  tellAll(): void {
    for (const lease of [...this.#waiting.keys()]) this.tell(lease, 'ended')
  }
}
