import type { CacheEvent } from '../engine/cache-event.js'
import { addTableOf } from './table-of-tag.js'

const TAG = 'tag '

/** What was removed under one name: a write's route, or class and method, or a call. */
export class WriteRecord {
  evictions = 0
  removed = 0
  /** That it has changed, as far as its evictions say so. */
  readonly tables = new Set<string>()

  add({ removed, targets }: Extract<CacheEvent, { type: 'evict' }>): void {
    this.evictions += 1
    this.removed += removed
    for (const target of targets) {
      if (target.startsWith(TAG)) addTableOf(target.slice(TAG.length), this.tables)
    }
  }
}
