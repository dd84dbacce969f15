import type { Reading } from '../../engine/engine.js'
import type { Load } from '../../engine/load.js'
import { ageSeconds } from '../../http/age.js'
import { acceptsBrotli, plainBody } from '../../http/at-rest.js'
import { decodeOnce, type Representation } from '../../http/representation.js'
import { setCacheStatus } from '../cache-status.js'
import { bypass } from './bypass.js'
import { type CacheRequest, emitMiss, emitServed } from './cache-request.js'
import { type DecodedReading, decodeReading, mustBeFresh, type TimedAnswer } from './decode-reading.js'
import { fitsSchema, fittingReading } from './fits-schema.js'
import { marked } from './mark-answer.js'
import { readOptionsOf } from './read-options.js'
import { applicationOf, reloadBehind, reloadIfDue } from './reload.js'
import { sendRepresentation } from './send-representation.js'
import { recordWatchedMiss } from './watched-miss.js'

/** Answers from what this process holds itself, if it may. @returns Whether it has. */
export function answerLocal(request: CacheRequest): boolean {
  const { rule, context, key } = request
  const found = context.engine.hit(key, rule.graceMs)
  const answer = found && decodeOnce(found.value)
  if (!answer || !fitsSchema(request, answer)) return false
  emitServed(request, 'hit')
  sendTimed(request, 'HIT', { answer, remainingMs: found.remainingMs })
  reloadHitIfDue(request, found.remainingMs)
  return true
}

/** Answers HEAD from the GET's entry: HEAD has no body that could fill one. @returns Whether it has. */
export async function answerHead(request: CacheRequest): Promise<boolean> {
  const { rule, context, key, policy } = request
  if (policy === 'reload') return bypass(request, key, 'HEAD asks for an answer of now')
  const found = await context.engine.peek(key, rule.graceMs)
  const answer = found && context.recentAnswers.decode(key, found.value)
  if (!answer || !fitsSchema(request, answer)) return bypass(request, key, 'HEAD without an entry')
  emitServed(request, 'hit')
  sendTimed(request, 'HIT', { answer, remainingMs: found.remainingMs })
  return true
}

/**
 * Answers from the store, or records what the handler is going to answer.
 *
 * @param prefetched - What the front lane has read for the request already.
 * @returns Whether the request has been answered. If not, the handler is to run.
 */
export async function answerRequest(request: CacheRequest, prefetched?: Reading): Promise<boolean> {
  const { context, res, key } = request
  const reading = prefetched ?? (await readFor(request))
  if (res.closed) return leave(request, reading)
  const decoded = decodeReading(context.recentAnswers, key, reading)
  const found = fittingReading(request, decoded) ?? (await replace(request, reading, faultOf(decoded)))
  return found ? answerFrom(request, found) : bypass(request, key, 'unreadable entry')
}

function answerFrom(request: CacheRequest, found: DecodedReading): boolean {
  switch (found.kind) {
    case 'hit':
      emitServed(request, 'hit')
      sendTimed(request, 'HIT', found)
      reloadHitIfDue(request, found.remainingMs)
      return true
    case 'stale':
      if (mustBeFresh(found.answer)) return bypass(request, request.key, 'stale answer forbidden')
      emitServed(request, 'stale')
      sendTimed(request, 'STALE', found)
      return true
    case 'loaded':
      emitMiss(request, true)
      setCacheStatus(request.res, { xCache: 'MISS', collapsed: true })
      send(request, found.answer, false)
      return true
    case 'pass-through':
      return bypass(request, request.key, found.reason)
    case 'load':
      if (answerStaleAndReload(request, found.load, found.stale)) return true
      recordWatchedMiss(request, found.load, found.stale)
      return false
  }
}

function readFor({ rule, context, key, policy }: CacheRequest): Promise<Reading> {
  return context.engine.read(key, readOptionsOf(rule, policy))
}

/** The client of a request has gone, so the next reader of the key may load it. */
function leave(request: CacheRequest, reading: Reading): true {
  if (reading.kind === 'load') reading.load.cancel()
  bypass(request, request.key, 'client gone')
  return true
}

/** Bytes that another program has put under the key are no answer, and must not stay in the way of one. */
async function replace(
  request: CacheRequest,
  unusable: Reading,
  fault: string,
): Promise<DecodedReading | null> {
  const { context, key } = request
  discard(request, unusable, fault)
  await context.engine.evict([{ kind: 'key', key }])
  const reading = await readFor(request)
  const decoded = decodeReading(context.recentAnswers, key, reading)
  const found = fittingReading(request, decoded)
  if (!found) discard(request, reading, faultOf(decoded))
  return found
}

function faultOf(decoded: DecodedReading | null): string {
  return decoded ? 'not what the schema says' : 'neither JSON nor an HTTP message'
}

function discard({ context, key }: CacheRequest, unusable: Reading, reason: string): void {
  if (unusable.kind === 'load') unusable.load.cancel()
  context.emit({ type: 'discard', key, reason })
}

/** Serves the stale answer and reloads behind it, if both may be. @returns Whether it has. */
function answerStaleAndReload(request: CacheRequest, load: Load, stale: TimedAnswer | null): boolean {
  const { rule, req, key, policy } = request
  const app = applicationOf(req)
  const mayServe =
    stale !== null &&
    stale.remainingMs > rule.graceMs - rule.staleWhileRevalidateMs &&
    !mustBeFresh(stale.answer)
  if (!mayServe || !app || policy !== 'normal' || req.method !== 'GET') return false
  emitServed(request, 'stale')
  sendTimed(request, 'STALE', stale)
  reloadBehind(app, req, { key, load })
  return true
}

function reloadHitIfDue({ rule, context, req, key }: CacheRequest, remainingMs: number): void {
  // Most rules do not want it, and to find a request's application takes time.
  if (rule.refreshAhead) reloadIfDue(context, { rule, key, remainingMs }, applicationOf(req), req)
}

function sendTimed(
  request: CacheRequest,
  xCache: 'HIT' | 'STALE',
  { answer, remainingMs }: TimedAnswer,
): void {
  const { rule, req, res, key, hitLearner } = request
  const freshForMs = remainingMs - rule.graceMs
  setCacheStatus(res, { xCache, ttlSeconds: Math.floor(freshForMs / 1_000) })
  if (xCache === 'HIT') hitLearner?.learn(rule, key, req, res, answer)
  send(request, answer, true, ageSeconds(answer.headers, rule.ttlMs, freshForMs))
}

function send({ rule, req, res }: CacheRequest, stored: Representation, isHit: boolean, age?: number): void {
  const isEncoded = stored.encoding !== undefined && acceptsBrotli(req.headers['accept-encoding'])
  const contentType = stored.headers['content-type']
  const body = isEncoded
    ? stored.body
    : marked(rule, { status: stored.status, contentType, body: plainBody(stored) }, isHit)
  sendRepresentation(res, { stored, body, isEncoded, age })
}
