import type { OutgoingHttpHeaders } from 'node:http'
import type { Response } from 'express'
import type { Load } from '../../engine/load.js'
import { ageSeconds } from '../../http/age.js'
import type { Conditions } from '../../http/conditions.js'
import { setCacheStatus } from '../cache-status.js'
import { tagMakerOf } from '../tag-maker.js'
import { type CacheRequest, emitMiss, emitServed } from './cache-request.js'
import { applyConditions, takeConditions } from './conditions.js'
import { mustBeFresh, type TimedAnswer } from './decode-reading.js'
import { markAnswer } from './mark-answer.js'
import { type RecordedHead, recordResponse } from './record-response.js'
import { applyHead } from './send-representation.js'
import { storeAnswer } from './store-answer.js'

const NO_BODY = Buffer.alloc(0)

/** A request whose handler is to run, and what its answer ends. */
interface Miss {
  readonly request: CacheRequest
  readonly load: Load
  /** May stand in for a failed reload. */
  readonly stale: TimedAnswer | null
  readonly conditions: Conditions
  readonly forwarded: 'miss' | 'stale' | 'request'
  /** What middleware in front of the route has set. */
  readonly headersBefore: OutgoingHttpHeaders
}

/** Lets the handler's answer pass, and ends the load with it. */
export function recordMiss(request: CacheRequest, load: Load, stale: TimedAnswer | null): void {
  const { rule, context, req, res, key, policy } = request
  const headersBefore = res.getHeaders()
  const conditions = takeConditions(req)
  const forwarded = policy === 'reload' ? 'request' : stale ? 'stale' : 'miss'
  const miss: Miss = { request, load, stale, conditions, forwarded, headersBefore }
  setCacheStatus(res, { xCache: 'MISS', forwarded })
  recordResponse(res, context.maxBodyBytes, {
    whole: (head, body) => finishWhole(miss, head, body),
    leaving: () => {
      applyConditions(res, NO_BODY, conditions)
    },
    streamed: (head, body) => {
      emitMiss(request, false)
      storeAnswer(request, load, { ...head, body, headersBefore })
    },
    lost: (reason) => {
      emitMiss(request, false)
      context.emit({ type: 'not-stored', rule, key, reason })
      if (reason === 'aborted') load.cancel()
      else load.finishUnshareable()
    },
  })
}

/** @returns The body to send. */
function finishWhole(miss: Miss, head: RecordedHead, body: Buffer): Buffer {
  const { request, load, stale, conditions, forwarded, headersBefore } = miss
  const { rule, res } = request
  if (stale && mayStandIn(miss, stale, head)) return sendInstead(miss, stale)
  emitMiss(request, false)
  const refusal = storeAnswer(request, load, { ...head, body, headersBefore })
  if (refusal) {
    setCacheStatus(res, { xCache: 'MISS', forwarded, detail: refusal })
  } else {
    setCacheStatus(res, { xCache: 'MISS', forwarded, stored: true })
    ensureEtag(res, body)
  }
  return applyConditions(res, markAnswer(rule, res, res.statusCode, body, false), conditions)
}

/** Whether an old answer may be served in place of a failed reload (RFC 5861, section 4). */
function mayStandIn({ request, forwarded }: Miss, stale: TimedAnswer, { status }: RecordedHead): boolean {
  const { graceMs, staleIfErrorMs } = request.rule
  // A client that wants an answer of now gets none of before (RFC 9111, section 5.2.1.4).
  const isFailedReload = forwarded === 'stale' && status >= 500
  return isFailedReload && !mustBeFresh(stale.answer) && stale.remainingMs > graceMs - staleIfErrorMs
}

/** Replaces the handler's answer by the old one. @returns The body to send. */
function sendInstead({ request, load, conditions, headersBefore }: Miss, stale: TimedAnswer): Buffer {
  const { rule, res } = request
  const { answer, remainingMs } = stale
  load.finishUnshareable()
  for (const name of res.getHeaderNames()) {
    if (!(name in headersBefore)) res.removeHeader(name)
  }
  const { body } = answer
  const age = ageSeconds(answer.headers, rule.ttlMs, remainingMs - rule.graceMs)
  applyHead(res, { stored: answer, body, isEncoded: false, age })
  setCacheStatus(res, { xCache: 'STALE', detail: 'reload failed' })
  emitServed(request, 'stale')
  return applyConditions(res, markAnswer(rule, res, res.statusCode, body, true), conditions)
}

/** Makes sure that an answer has the `ETag` which Express would give it, on misses as on hits. */
function ensureEtag(res: Response, body: Buffer): void {
  if (res.hasHeader('ETag')) return
  const etag = tagMakerOf(res)?.(body)
  if (etag) res.setHeader('ETag', etag)
}
