import type { TagSelector } from '../store.js'

/** Beyond it, each tag counts as evicted: who is loading loads once more. */
const MOST_MARKS = 10_000

/** How many evictions by tag there had been: what a load notes when it begins. */
export type Moment = number

/** When each tag was last evicted, in the order of evictions by tag. */
export class TagMarks {
  readonly #evictedAt = new Map<string, Moment>()
  /** When all tags were. */
  #allEvictedAt: Moment = 0
  #now: Moment = 0

  get now(): Moment {
    return this.#now
  }

  note(selector: TagSelector): void {
    this.#now += 1
    if (selector.kind === 'tag' && this.#evictedAt.size < MOST_MARKS) {
      this.#evictedAt.set(selector.tag, this.#now)
      return
    }
    this.#allEvictedAt = this.#now
    this.#evictedAt.clear()
  }

  /** Whether one of the tags has been evicted since. */
  isEvictedSince(moment: Moment, tags: readonly string[]): boolean {
    if (tags.length === 0) return false
    return this.#allEvictedAt > moment || tags.some((tag) => (this.#evictedAt.get(tag) ?? 0) > moment)
  }
}
