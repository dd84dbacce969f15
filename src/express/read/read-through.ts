import type { Request, Response } from 'express'
import vary from 'vary'
import { requestPolicy } from '../../http/request-policy.js'
import type { CacheableRule } from '../../rules/rule.js'
import { onceKnown } from '../../tools/once-known.js'
import { setCacheStatus } from '../cache-status.js'
import type { MiddlewareContext } from '../context.js'
import type { RequestValues } from '../request-values.js'
import { isAnswered } from '../response/answered.js'
import { unwatchedHeaders } from '../watched-request.js'
import { answerHead, answerLocal, answerRequest } from './answer-request.js'
import { recordAudit } from './audited-request.js'
import { bypass } from './bypass.js'
import type { CacheRequest } from './cache-request.js'
import { takePrefetched } from './prefetched-lookup.js'
import { type Errand, errandOf } from './repeated-request.js'
import { requestKey } from './request-key.js'
import { recordWatchedMiss } from './watched-miss.js'

/**
 * Answers a request from the cache, or prepares its response so that what the handler answers is stored.
 *
 * @returns Whether the request has been answered; at once, where no store has to be asked. If not, the handler is to run.
 */
export function readThrough(
  rule: CacheableRule,
  context: MiddlewareContext,
  req: Request,
  res: Response,
  values: RequestValues,
): boolean | Promise<boolean> {
  const errand = errandOf(req)
  if (errand) return runErrand(rule, context, req, res, values, errand)
  context.verify()
  if (context.auditPasses.areOpen && context.auditPasses.admits(unwatchedHeaders(req))) {
    return passForAudit(rule, context, req, res, values)
  }
  if (isAnswered(res)) return bypass({ rule, context, res }, null, 'answered already')
  for (const name of rule.vary) vary(res, name)
  if (rule.compress) vary(res, 'Accept-Encoding')
  const found = requestKey(rule, context, req, values)
  if (!found.ok) return bypass({ rule, context, res }, null, found.reason)
  const { key } = found
  const policy = rule.honorRequestCacheControl ? requestPolicy(req) : 'normal'
  if (policy === 'no-store') return bypass({ rule, context, res }, key, 'request no-store')
  // The front looks at no schema.
  const hitLearner = values.isBareOfUrl && !rule.schema ? context.frontLane() : undefined
  const startedAt = performance.now()
  const { route } = values
  const request: CacheRequest = {
    rule,
    context,
    req,
    res,
    key,
    values,
    policy,
    hitLearner,
    route,
    isReload: false,
    startedAt,
  }
  const prefetched = hitLearner && policy === 'normal' ? takePrefetched(req, key) : undefined
  if (prefetched) return answerRequest(request, prefetched)
  return onceKnown(policy === 'normal' && answerLocal(request), (isAnswered) => {
    if (isAnswered) return true
    return req.method === 'HEAD' ? answerHead(request) : answerRequest(request)
  })
}

/** Lets a request of our own run the handler, and does with what that answers what the request is for. */
function runErrand(
  rule: CacheableRule,
  context: MiddlewareContext,
  req: Request,
  res: Response,
  values: RequestValues,
  errand: Errand,
): false {
  const found = requestKey(rule, context, req, values)
  // Another rule of the route has a key of its own, and nothing to do with this errand.
  if (!found.ok || found.key !== errand.key) return false
  errand.isTaken = true
  if (errand.kind === 'audit') {
    recordAudit(context, req, res, values, errand)
    return false
  }
  const { key } = found
  const startedAt = performance.now()
  const request: CacheRequest = {
    rule,
    context,
    req,
    res,
    key,
    values,
    startedAt,
    policy: 'normal',
    hitLearner: undefined,
    route: values.route,
    isReload: true,
  }
  recordWatchedMiss(request, errand.load, null)
  return false
}

/** Lets a request of the command line to the handler, and tells it which key it came to. @returns Always `false`. */
function passForAudit(
  rule: CacheableRule,
  context: MiddlewareContext,
  req: Request,
  res: Response,
  values: RequestValues,
): false {
  const found = requestKey(rule, context, req, values)
  const key = found.ok ? found.key : undefined
  context.emit({ type: 'bypass', rule, key: key ?? null, reason: 'asked by an audit' })
  if (!isAnswered(res)) {
    setCacheStatus(res, { xCache: 'BYPASS', detail: 'audit', ...(key !== undefined && { key }) })
  }
  return false
}
