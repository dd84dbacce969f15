import type { CacheConfigOptions } from './declaration.js'
import type { Duration } from './duration.js'

/** What a declaration is read against. */
export interface RuleContext {
  readonly where: string
  readonly classConfig: CacheConfigOptions
  readonly defaultTtl: Duration
  /** Whether the method handles an event instead of a request. */
  readonly isEventHandler: boolean
  /** Whether it is a method that is called, without a request; see `cache.methods`. */
  readonly isCall?: boolean
}
