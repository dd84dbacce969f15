import type { Logger } from '../logger.js'
import { reasonOf } from '../tools/reason-of.js'
import type { CircuitState } from './availability.js'
import type { CacheEvent, CacheListener } from './cache-event.js'
import { ToldOutage } from './told-outage.js'

/**
 * Writes when the store goes away and comes back, and when a followed database is too late and is in time again: once a
 * minute at most, and the end only of what it has told.
 */
export function outageLines(logger: Logger, now: () => number): CacheListener {
  const outage = new ToldOutage(now)
  const lateness = new Map<string, ToldOutage>()
  let circuit: CircuitState = 'closed'

  function tellOfBarrier({ database, passed, ms }: Extract<CacheEvent, { type: 'barrier' }>): void {
    const late = lateness.get(database) ?? new ToldOutage(now)
    lateness.set(database, late)
    if (!passed && late.begun()) {
      logger.warn(
        `Cache is behind the database ${database}: answers of writes leave after ${ms.toFixed(0)}ms, and all that was made from its rows is evicted each time`,
      )
    }
    if (passed && late.ended()) logger.info(`Cache is no longer behind the database ${database}`)
  }

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
        if (!outage.begun()) break
        logger.warn(`Cache store is unavailable, answering without it: ${reasonWithCause(event.error)}`)
        break
      case 'store-up':
        if (outage.ended()) logger.info('Cache store is available again')
        break
      case 'barrier':
        tellOfBarrier(event)
        break
    }
  }
}

/** With the cause, which is Redis' own word where it refused a command. */
export function reasonWithCause(error: unknown): string {
  if (!(error instanceof Error)) return reasonOf(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
