import type { CacheEvent, CacheListener } from './engine/cache-event.js'

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
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        // A listener's mistake must not become an answer's, and a logger may be what has failed.
        process.emitWarning(error instanceof Error ? error : String(error), 'ExpressCacheableWarning')
      }
    }
  }
}
