import { type Logger, quietLogger } from '../logger.js'
import type { CacheEvent, CacheListener, RuleLabel } from './cache-event.js'
import type { LoadTimes } from './load-times.js'

/** An outage that begins within this time after one that was told is not told. */
const QUIET_MS = 60_000

/**
 * Writes events as log lines: hits and misses as the guide has them, trouble once a minute at most.
 *
 * What a hit saved is the average time of the rule's loads in this process less the lookup; before the first
 * load nothing is known to be saved, and the line says 0.
 */
export function logLines(logger: Logger, loadTimes: LoadTimes, now: () => number = Date.now): CacheListener {
  const warned = new Set<string>()
  let toldDownAt = Number.NEGATIVE_INFINITY
  let isTold = false
  let isOpen = false
  // The usual logger has no ear for hits, and putting their lines together would cost each of them.
  const tellsHits = logger.info !== quietLogger.info

  /** Such a rule never stores anything, which its author wants to know once and not with each request. */
  function warnOfVary({ where }: RuleLabel, reason: string): void {
    const warning = `${where} stores nothing: its answers say '${reason}', and its key does not. Name the header in the option 'vary'.`
    if (warned.has(warning)) return
    warned.add(warning)
    logger.warn(warning)
  }

  return (event: CacheEvent): void => {
    switch (event.type) {
      case 'hit':
      case 'stale': {
        if (!tellsHits) break
        const saved = Math.max(0, loadTimes.of(event.rule) - event.ms)
        logger.info(
          `Cache ${event.type === 'hit' ? 'HIT' : 'STALE'}: ${event.key} (saved ${saved.toFixed(0)}ms)`,
        )
        break
      }
      case 'miss':
        logger.info(`Cache MISS: ${event.key} (query took ${event.ms.toFixed(0)}ms)`)
        break
      case 'reload':
        logger.info(`Cache RELOAD: ${event.key} (query took ${event.ms.toFixed(0)}ms)`)
        break
      case 'bypass':
        logger.debug(`Cache BYPASS: ${event.key ?? event.rule.key} (${event.reason})`)
        break
      case 'not-stored':
        if (event.reason.startsWith('Vary: ')) warnOfVary(event.rule, event.reason)
        logger.debug(`Cache did not store ${event.key} (${event.reason})`)
        break
      case 'fill-refused':
        logger.debug(`Cache did not store ${event.key} (evicted or timed out while it was loaded)`)
        break
      case 'write-failed':
        logger.debug(`${event.rule.where} answered ${event.status}, so it evicts nothing: ${event.rule.key}`)
        break
      case 'evict':
        logger.info(`Cache EVICT: ${event.targets.join(', ')} (${event.removed} removed)`)
        break
      case 'evict-delivered':
        logger.warn(`Cache delivered ${event.targets.length} kept evictions`)
        break
      case 'discard':
        logger.warn(`Cache discarded ${event.key} (${event.reason})`)
        break
      case 'option-failed':
        logger.error(`${event.rule.where}: the option '${event.option}' threw ${reasonOf(event.error)}`)
        break
      case 'warm':
        logger.info(
          event.done < event.total
            ? `Cache warming: ${event.done} of ${event.total} ${event.name}`
            : `Cache warmed: ${event.warmed} ${event.name}`,
        )
        break
      case 'warm-stopped':
        logger.warn(`Cache warming of ${event.name} stopped after ${event.stored}: ${event.reason}`)
        break
      case 'circuit':
        // Beside the line that tells why the store is unavailable, which is a warning.
        if (event.state === 'open' && !isOpen) logger.info('Cache circuit is open: Redis is left alone')
        if (event.state === 'closed') logger.info('Cache circuit is closed: Redis is used again')
        isOpen = event.state !== 'closed'
        break
      case 'store-down':
        if (now() - toldDownAt < QUIET_MS) break
        toldDownAt = now()
        isTold = true
        logger.warn(`Cache store is unavailable, answering without it: ${reasonOf(event.error)}`)
        break
      case 'store-up':
        // An outage that was not told needs no end.
        if (isTold) logger.info('Cache store is available again')
        isTold = false
        break
    }
  }
}

/** With the cause, which is Redis' own word where it refused a command. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
