import type { BarrierRaceOptions } from './options.js'

/** What an application is told first; any further message lets it come to its end. */
export interface AppOptions {
  readonly race: BarrierRaceOptions
  readonly redisUrl: string
  readonly databaseUrl: string
  readonly keyPrefix: string
  /** How many there have been before it. */
  readonly number: number
}

/** What an application tells. */
export type AppMessage =
  | { readonly kind: 'listening'; readonly url: string }
  /** How long answers have waited at the barrier since the last message. */
  | { readonly kind: 'waits'; readonly waits: readonly number[] }
