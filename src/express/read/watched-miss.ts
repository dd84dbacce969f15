import type { Response } from 'express'
import type { Load } from '../../engine/load.js'
import type { CacheableRule } from '../../rules/rule.js'
import { setMethod } from '../../tools/set-method.js'
import { isWarnedOfUser } from '../user-warning.js'
import type { CacheRequest } from './cache-request.js'
import type { TimedAnswer } from './decode-reading.js'
import { watchIdentityReads } from './identity-reads.js'
import { recordMiss } from './record-miss.js'

const WARNED = new WeakSet<CacheableRule>()

/**
 * Lets the handler's answer pass, and ends the load with it. Outside production it also looks at what is read of the
 * request meanwhile, and warns, once for a rule, where an answer is stored that was made for one person.
 */
export function recordWatchedMiss(request: CacheRequest, load: Load, stale: TimedAnswer | null): void {
  const { rule, context, req, res } = request
  if (!context.watchesIdentity || WARNED.has(rule) || isWarnedOfUser(rule)) {
    recordMiss(request, load, stale)
    return
  }
  const reads = new Set<string>()
  let stop: () => void = () => {}
  recordMiss(request, { ...ended(load, () => stop()), complete }, stale)
  // After the recording has taken the response, so that the watch has ended before the answer is looked at.
  stop = untilAnswered(
    res,
    watchIdentityReads(req, res, rule, (read, value) => {
      // A condition that lets nobody in who is signed in is why nobody is.
      if (rule.condition === undefined || value !== undefined) reads.add(read)
    }),
  )

  function complete(...args: Parameters<Load['complete']>): ReturnType<Load['complete']> {
    stop()
    if (reads.size > 0 && !WARNED.has(rule)) {
      WARNED.add(rule)
      context.warn(warningOf(rule, [...reads]))
    }
    return load.complete(...args)
  }
}

function ended(load: Load, stop: () => void): Pick<Load, 'finishUnshareable' | 'cancel' | 'run'> {
  return {
    run: load.run,
    finishUnshareable(reason) {
      stop()
      load.finishUnshareable(reason)
    },
    cancel() {
      stop()
      load.cancel()
    },
  }
}

/** Ends a watch once the handler has ended its answer; what middleware reads while the head leaves is its own affair. */
function untilAnswered(res: Response, stop: () => void): () => void {
  const { end, writeHead } = res
  setMethod(res, 'end', function endWatched(this: Response, ...args: unknown[]) {
    stop()
    return Reflect.apply(end, this, args)
  } as typeof res.end)
  setMethod(res, 'writeHead', function endWatchedAtHead(this: Response, ...args: unknown[]) {
    stop()
    return Reflect.apply(writeHead, this, args)
  } as typeof res.writeHead)
  return stop
}

function warningOf({ where, key }: CacheableRule, reads: readonly string[]): string {
  return `${where}: what loads its answer reads ${reads.join(', ')}, which the key '${key}' does not name: everyone would get the first one's answer. Name it in the key, such as {user.id}; visibility, condition and unless decide about the rest.`
}
