import { CacheError, type CacheErrorDetails } from '../errors.js'

/** The store answers, and does not do what it was asked. */
export class StoreRefusal extends CacheError {
  /**
   * What else it refuses: `command`, nothing; `growth`, what needs memory, and no eviction; `all`, evictions too.
   */
  readonly scope: 'command' | 'growth' | 'all'

  constructor(scope: StoreRefusal['scope'], details: CacheErrorDetails) {
    super('E_CACHE_STORE_REFUSED', details)
    this.scope = scope
  }
}
