import type { CacheEvent } from '../engine/cache-event.js'
import { isOfWholeTable, tableOfTag } from './table-of-tag.js'

const MOST_TABLES = 100

/** What was removed under one name: a write's route, or class and method, or a call. */
export class WriteRecord {
  evictions = 0
  removed = 0
  /** That it has changed, as far as its evictions say so. */
  readonly tables = new Set<string>()

  add({ removed, targets }: Extract<CacheEvent, { type: 'evict' }>): void {
    this.evictions += 1
    this.removed += removed
    for (const target of targets) this.#addTable(target)
  }

  #addTable(target: string): void {
    const isNews = target.startsWith('tag ') && isOfWholeTable(target) && this.tables.size < MOST_TABLES
    const table = isNews ? tableOfTag(target.slice('tag '.length)) : undefined
    if (table !== undefined) this.tables.add(table)
  }
}
