import { setCacheStatus } from '../cache-status.js'
import { isAnswered } from '../response/answered.js'
import type { CacheRequest } from './cache-request.js'
import { markAnswer } from './mark-answer.js'
import { recordResponse } from './record-response.js'

/** Sends a request on to its handler, past the cache. @returns Always `false`: the request has not been answered. */
export function bypass(
  { rule, context, res }: Pick<CacheRequest, 'rule' | 'context' | 'res'>,
  key: string | null,
  reason: string,
): false {
  context.emit({ type: 'bypass', rule, key, reason })
  if (isAnswered(res)) return false
  setCacheStatus(res, { xCache: 'BYPASS', detail: reason })
  // A client that reads the mark finds it in every answer, also where the cache has no part in one.
  if (rule.mark !== undefined) {
    recordResponse(res, context.maxBodyBytes, {
      whole(head, body) {
        // The answer to a HEAD has no body that could show how long it is with the mark.
        if (res.req.method === 'HEAD') res.removeHeader('Content-Length')
        else return { body: changed(body, markAnswer(rule, res, head.status, body, false)), isOver: true }
        return { isOver: true }
      },
      passing: () => false,
      decided: () => false,
      complete() {},
      lost() {},
    })
  }
  return false
}

/** The new body, if it is another. */
function changed(before: Buffer, now: Buffer): Buffer | undefined {
  return now === before ? undefined : now
}
