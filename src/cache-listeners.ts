import type { CacheEvent, CacheListener } from './engine/cache-event.js'
import { tellOneGuarded } from './tools/guarded.js'

/** Those who hear the events of one cache. */
export class CacheListeners {
  /** Copied where one comes or goes, as each request goes through them. */
  #ofAll: readonly CacheListener[] = []
  #ofHits: readonly CacheListener[] = []

  /** @returns A function that ends it. */
  add(listener: CacheListener): () => void {
    const endOfOthers = this.addForOthers(listener)
    this.#ofHits = [...without(this.#ofHits, listener), listener]
    return () => {
      endOfOthers()
      this.#ofHits = without(this.#ofHits, listener)
    }
  }

  /** The same for all events but of those that the cache has answered itself, of which there are most. */
  addForOthers(listener: CacheListener): () => void {
    this.#ofAll = [...without(this.#ofAll, listener), listener]
    return () => {
      this.#ofAll = without(this.#ofAll, listener)
    }
  }

  emit(event: CacheEvent): void {
    const isHit = event.type === 'hit' || event.type === 'stale'
    for (const listener of isHit ? this.#ofHits : this.#ofAll) {
      tellOneGuarded('A listener of a cache', listener, event)
    }
  }
}

function without(listeners: readonly CacheListener[], gone: CacheListener): readonly CacheListener[] {
  return listeners.filter((listener) => listener !== gone)
}
