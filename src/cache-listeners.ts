import type { CacheEvent, CacheListener } from './engine/cache-event.js'
import { tellGuarded } from './tools/guarded.js'

/** Those who hear every event of one cache. */
export class CacheListeners {
  readonly #listeners = new Set<CacheListener>()

  /** @returns A function that ends it. */
  add(listener: CacheListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  emit(event: CacheEvent): void {
    for (const listener of this.#listeners) tellGuarded('A listener of a cache', listener, event)
  }
}
