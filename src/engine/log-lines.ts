import { CacheError } from '../errors.js'
import { type Logger, quietLogger } from '../logger.js'
import type { CacheEvent, CacheListener, RuleLabel } from './cache-event.js'
import type { LoadTimes } from './load-times.js'
import { outageLines, reasonWithCause } from './outage-lines.js'

/** Writes events as log lines: hits and misses as the guide has them, trouble once a minute at most. */
export function logLines(logger: Logger, loadTimes: LoadTimes, now: () => number = Date.now): CacheListener {
  return requestLines(logger, loadTimes, changeLines(logger, outageLines(logger, now)))
}

/** Whether a logger wants lines of hits: the usual one drops them, and putting them together would cost each hit. */
export function tellsHits(logger: Logger): boolean {
  return logger.info !== quietLogger.info
}

/**
 * How requests were answered, and what became of their answers.
 *
 * What a hit saved is the average time of the rule's loads in this process less the lookup; before the first
 * load nothing is known to be saved, and the line says 0.
 *
 * @param others - Listens to all other events, so that a hit meets one listener and not three.
 */
function requestLines(logger: Logger, loadTimes: LoadTimes, others: CacheListener): CacheListener {
  const warnOnce = onceEach(logger)
  return (event: CacheEvent): void => {
    switch (event.type) {
      case 'hit':
      case 'stale': {
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
        if (event.reason.startsWith('Vary: ')) warnOnce(varyWarning(event.rule, event.reason))
        logger.debug(`Cache did not store ${event.key} (${event.reason})`)
        break
      case 'fill-refused':
        logger.debug(`Cache did not store ${event.key} (evicted or timed out while it was loaded)`)
        break
      case 'option-failed':
        if (event.error instanceof CacheError) warnOnce(event.error.message)
        else {
          logger.error(
            `${event.rule.where}: the option '${event.option}' threw ${reasonWithCause(event.error)}`,
          )
        }
        break
      case 'write-failed':
        logger.debug(`${event.rule.where} answered ${event.status}, so it evicts nothing: ${event.rule.key}`)
        break
      default:
        others(event)
    }
  }
}

/** Of keys that hold what is not the cache's, or what is stale: each is told of once. */
const MAX_WARNINGS = 100

/** A write may evict hundreds of tags. */
const MOST_TARGETS = 12

function listed(targets: readonly string[]): string {
  const more = targets.length - MOST_TARGETS
  return more > 0 ? `${targets.slice(0, MOST_TARGETS).join(', ')} and ${more} more` : targets.join(', ')
}

function isTag(target: string): boolean {
  return target.startsWith('tag ')
}

/** What was removed, discarded or stored ahead of requests. @param others - Listens to all other events. */
function changeLines(logger: Logger, others: CacheListener): CacheListener {
  const warnedOf = new Set<string>()
  const staleOf = new Set<string>()
  return (event: CacheEvent): void => {
    switch (event.type) {
      case 'evict':
        // What a tracker derives from a write nobody may have read.
        logger[event.removed === 0 && event.targets.every(isTag) ? 'debug' : 'info'](
          `Cache EVICT: ${listed(event.targets)} (${event.removed} removed)`,
        )
        break
      case 'intent':
        logger.debug(`Cache INTENT: ${event.targets.join(', ')} (${event.removed} removed)`)
        break
      case 'intent-missed':
        logger.debug(`Cache goes on without an intent: ${event.targets.join(', ')}`)
        break
      case 'evict-delivered':
        logger.warn(`Cache delivered ${event.targets.length} kept evictions`)
        break
      case 'discard':
        logger.warn(`Cache discarded ${event.key} (${event.reason})`)
        break
      case 'audit':
        if (event.outcome !== 'stale') break
        if (!staleOf.has(event.key) && staleOf.size < MAX_WARNINGS) {
          staleOf.add(event.key)
          logger.warn(staleWarning(event))
        }
        break
      case 'foreign':
        if (!warnedOf.has(event.key) && warnedOf.size < MAX_WARNINGS) {
          warnedOf.add(event.key)
          logger.warn(`Cache leaves ${event.key} alone: a ${event.found} that is not the cache's lies there`)
        }
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
      default:
        others(event)
    }
  }
}

/** What is wrong with a rule and shows with each request, its author wants to know once. */
function onceEach(logger: Logger): (warning: string) => void {
  const warned = new Set<string>()
  return (warning) => {
    if (warned.has(warning)) return
    warned.add(warning)
    logger.warn(warning)
  }
}

function varyWarning({ where }: RuleLabel, reason: string): string {
  return `${where} stores nothing: its answers say '${reason}', and its key does not. Name the header in the option 'vary'.`
}

/** Names of fields and no values, which may be personal. */
function staleWarning({
  rule,
  key,
  fields = [],
  staleForMs = 0,
}: Extract<CacheEvent, { type: 'audit' }>): string {
  const seconds = Math.round(staleForMs / 1_000)
  return `${rule.where}: ${key} is stale, and has been for ${seconds} s at least: what is stored and what is answered now differ in ${fields.join(', ')}. cache.audits() has more.`
}
