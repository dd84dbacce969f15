import type { Logger } from '../logger.js'
import { reasonOf } from '../tools/reason-of.js'
import type { CircuitState } from './availability.js'
import type { CacheEvent, CacheListener } from './cache-event.js'

/** The log says nothing of an outage that begins within this time after one that it tells of. */
const QUIET_MS = 60_000

/** Writes when the store goes away and comes back: once a minute at most, and the end only of what it has told. */
export function outageLines(logger: Logger, now: () => number): CacheListener {
  let outage: 'none' | 'logged' | 'unlogged' = 'none'
  let loggedAt = Number.NEGATIVE_INFINITY
  let circuit: CircuitState = 'closed'

  return (event: CacheEvent): void => {
    switch (event.type) {
      case 'circuit':
        // Beside the line that tells why the store is unavailable, which is a warning.
        if (event.state === 'open' && circuit === 'closed') {
          logger.info('Cache circuit is open: Redis is left alone')
        }
        if (event.state === 'closed') logger.info('Cache circuit is closed: Redis is used again')
        circuit = event.state
        break
      case 'store-down':
        outage = now() - loggedAt < QUIET_MS ? 'unlogged' : 'logged'
        if (outage === 'unlogged') break
        loggedAt = now()
        logger.warn(`Cache store is unavailable, answering without it: ${reasonWithCause(event.error)}`)
        break
      case 'store-up':
        if (outage === 'logged') logger.info('Cache store is available again')
        outage = 'none'
        break
    }
  }
}

/** With the cause, which is Redis' own word where it refused a command. */
export function reasonWithCause(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
