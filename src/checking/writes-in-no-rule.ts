import type { Selector, TaggedEntry } from '../stores/store.js'
import { realTime } from '../tools/real-time.js'
import { covers } from './covers.js'
import { together } from './writes-under-way.js'

/** Time for what a program does behind a write: a `cache.delete`, or an event that evicts. */
export const GRACE_MS = 5_000

export interface Looks {
  /** Which of these entries are there still, and the same. */
  readonly stillThere: (entries: readonly TaggedEntry[]) => Promise<readonly TaggedEntry[]>
  /** Nothing has removed it within the grace. */
  readonly forgotten: (entry: TaggedEntry) => void
}

/**
 * What writes in no rule have left behind, for as long as it may still be evicted. Where a rule stands on a write, its end
 * says when all that it declares has been done; here, time has to.
 */
export class WritesInNoRule {
  readonly #looks: Looks
  readonly #waiting = new Map<string, TaggedEntry>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #isClosed = false

  constructor(looks: Looks) {
    this.#looks = looks
  }

  list(): readonly TaggedEntry[] {
    return [...this.#waiting.values()]
  }

  /** Looks at once, so that whoever asks right behind a commit gets to know, and again after the grace. */
  async committed(suspects: readonly TaggedEntry[]): Promise<void> {
    const left = await this.#looks.stillThere(suspects)
    if (left.length === 0 || this.#isClosed) return
    for (const entry of left) this.#waiting.set(entry.key, together(this.#waiting, entry))
    const timer = realTime.setTimeout(() => {
      this.#timers.delete(timer)
      void this.#judge(left)
    }, GRACE_MS)
    timer.unref()
    this.#timers.add(timer)
  }

  /** Clears what this process has evicted meanwhile. */
  evicted(selectors: readonly Selector[]): void {
    for (const [key, entry] of this.#waiting) {
      if (selectors.some((selector) => covers(selector, entry))) this.#waiting.delete(key)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) realTime.clearTimeout(timer)
    this.#timers.clear()
  }

  async #judge(entries: readonly TaggedEntry[]): Promise<void> {
    const waiting = entries.filter(({ key, identity }) => this.#waiting.get(key)?.identity === identity)
    const left = new Set((await this.#looks.stillThere(waiting)).map(({ key }) => key))
    for (const { key, identity } of waiting) {
      const entry = this.#waiting.get(key)
      if (entry?.identity !== identity) continue
      this.#waiting.delete(key)
      if (left.has(key)) this.#looks.forgotten(entry)
    }
  }
}
