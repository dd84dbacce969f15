import type { Reading } from '../../engine/engine.js'
import type { Load } from '../../engine/load.js'
import { ageSeconds } from '../../http/age.js'
import { textOf } from '../../http/field-values.js'
import type { Representation } from '../../http/representation.js'
import { setsCookie } from '../../http/set-cookie.js'
import { decodeOnce } from '../../http/stored-bytes.js'
import { nameOf } from '../../rules/rule-routes.js'
import { onceKnown } from '../../tools/once-known.js'
import { setCacheStatus } from '../cache-status.js'
import { isAnswered } from '../response/answered.js'
import { auditHit } from './audited-request.js'
import { bypass } from './bypass.js'
import { type CacheRequest, emitMiss, emitServed } from './cache-request.js'
import { type DecodedReading, decodeReading, mustBeFresh, type TimedAnswer } from './decode-reading.js'
import { fitsSchema, fittingReading } from './fits-schema.js'
import { foundAnswer } from './found-answer.js'
import { marked } from './mark-answer.js'
import { readOptionsOf } from './read-options.js'
import { applicationOf, reloadBehind, reloadIfDue } from './reload.js'
import { sendRepresentation } from './send-representation.js'
import { recordWatchedMiss } from './watched-miss.js'

/** Answers from what this process holds itself, if it may. @returns Whether it has; at once, unless it has to unpack. */
export function answerLocal(request: CacheRequest): boolean | Promise<boolean> {
  const { rule, context, key } = request
  const found = context.engine.hit(key, rule.graceMs)
  if (!found) return false
  const { remainingMs } = found
  return onceKnown(
    foundAnswer(request, decodeOnce(found.value)),
    (answer) =>
      answer !== null &&
      isOnSameGround(request, answer) &&
      onceKnown(
        fitsSchema(request, answer),
        (fits) => fits && serve(request, 'HIT', { answer, remainingMs }),
      ),
  )
}

/** Answers HEAD from the GET's entry: HEAD has no body that could fill one. @returns Whether it has. */
export async function answerHead(request: CacheRequest): Promise<boolean> {
  const { rule, context, key, policy } = request
  if (policy === 'reload') return bypass(request, key, 'HEAD asks for an answer of now')
  const found = await context.engine.peek(key, rule.graceMs)
  const answer = found && (await foundAnswer(request, context.recentAnswers.decode(key, found.value)))
  if (!answer || !(await fitsSchema(request, answer))) return bypass(request, key, 'HEAD without an entry')
  if (!isOnSameGround(request, answer)) return bypass(request, key, 'headers of middleware in front differ')
  return serve(request, 'HIT', { answer, remainingMs: found.remainingMs }) || refuse(request)
}

/**
 * Answers from the store, or records what the handler is going to answer.
 *
 * @param prefetched - What the front lane has read for the request already.
 * @returns Whether the request has been answered. If not, the handler is to run.
 */
export async function answerRequest(request: CacheRequest, prefetched?: Reading): Promise<boolean> {
  const { res, key } = request
  const reading = prefetched ?? (await readFor(request))
  if (res.closed) return leave(request, reading)
  if (isAnswered(res)) return goPast(request, reading)
  const judged = judgeReading(request, reading)
  const { found, fault } = judged instanceof Promise ? await judged : judged
  if (res.closed) return leave(request, reading)
  if (isAnswered(res)) return goPast(request, reading)
  if (found) return answerFrom(request, found)
  const replaced = await replace(request, reading, fault)
  return replaced ? answerFrom(request, replaced) : bypass(request, key, 'unreadable entry')
}

interface JudgedReading {
  /** What can be answered from. */
  readonly found: DecodedReading | null
  /** What is wrong with it otherwise. */
  readonly fault: string
}

function judgeReading(request: CacheRequest, reading: Reading): JudgedReading | Promise<JudgedReading> {
  return onceKnown(decodeReading(request, reading), (decoded) =>
    onceKnown(fittingReading(request, decoded), (found) => ({ found, fault: faultOf(decoded) })),
  )
}

function answerFrom(request: CacheRequest, found: DecodedReading): boolean {
  if ('answer' in found && !isOnSameGround(request, found.answer)) {
    return bypass(request, request.key, 'headers of middleware in front differ')
  }
  switch (found.kind) {
    case 'hit':
      return serve(request, 'HIT', found) || refuse(request)
    case 'stale':
      if (mustBeFresh(found.answer)) return bypass(request, request.key, 'stale answer forbidden')
      return serve(request, 'STALE', found) || refuse(request)
    case 'loaded':
      return shareLoaded(request, found.answer) || refuse(request)
    case 'pass-through':
      return bypass(request, request.key, found.reason)
    case 'load':
      return load(request, found)
  }
}

function load(request: CacheRequest, { load, stale }: Extract<DecodedReading, { kind: 'load' }>): boolean {
  const usable = stale && isOnSameGround(request, stale.answer) ? stale : null
  if (answerStaleAndReload(request, load, usable)) return true
  recordWatchedMiss(request, load, usable)
  return false
}

/** Whether middleware in front has said the same this time of the headers that the route had built on. */
function isOnSameGround({ rule, context, res }: CacheRequest, { builtOn = {} }: Representation): boolean {
  for (const name in builtOn) {
    if (textOf(res.getHeader(name)) === builtOn[name]) continue
    context.warn(
      `${rule.where} adds to the header ${name} of middleware in front, which says something else each time: what is stored answers nobody. Set the header in one place.`,
    )
    return false
  }
  return true
}

/** Answers with what is stored. @returns Whether it could be sent. */
function serve(request: CacheRequest, xCache: 'HIT' | 'STALE', timed: TimedAnswer): boolean {
  // Most rules do not want it, and to find a request's application takes time.
  const mayReload = xCache === 'HIT' && request.rule.refreshAhead && !hasNewCookie(request)
  const { auditor } = request.context
  const isAudited = auditor !== undefined && xCache === 'HIT' && auditor.isSampled() && !hasNewCookie(request)
  try {
    sendTimed(request, xCache, timed)
  } catch (error) {
    return takeBack(request, timed.answer, error)
  }
  emitServed(request, xCache === 'HIT' ? 'hit' : 'stale', timed.answer, timed.remainingMs)
  if (mayReload) reloadHitIfDue(request, timed.remainingMs)
  if (isAudited) {
    const { rule, context, key, req } = request
    auditHit(auditor, context, { rule, key, answer: timed.answer, app: applicationOf(req), req })
  }
  return true
}

function shareLoaded(request: CacheRequest, answer: Representation): boolean {
  try {
    setCacheStatus(request.res, { xCache: 'MISS', collapsed: true })
    sendStored(request, answer, false)
  } catch (error) {
    return takeBack(request, answer, error)
  }
  emitMiss(request, true)
  return true
}

/** What throws while it is sent leaves the response as it was, so that the handler can answer. */
function takeBack({ res }: CacheRequest, { headers }: Representation, error: unknown): false {
  if (res.headersSent) throw error
  for (const name in headers) res.removeHeader(name)
  res.statusCode = 200
  return false
}

function refuse(request: CacheRequest): false {
  const { context, key } = request
  context.emit({ type: 'discard', key, reason: 'cannot be sent' })
  return bypass(request, key, 'unreadable entry')
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

/** Middleware in front has answered meanwhile, as one does that keeps a time. */
function goPast(request: CacheRequest, reading: Reading): false {
  if (reading.kind === 'load') reading.load.cancel()
  return bypass(request, request.key, 'answered already')
}

/** Bytes that another program has put under the key are no answer, and must not stay in the way of one. */
async function replace(
  request: CacheRequest,
  unusable: Reading,
  fault: string,
): Promise<DecodedReading | null> {
  const { rule, context, key } = request
  discard(request, unusable, fault)
  await context.engine.evict([{ kind: 'key', key }], null, nameOf(rule))
  const reading = await readFor(request)
  const judged = await judgeReading(request, reading)
  if (!judged.found) discard(request, reading, judged.fault)
  return judged.found
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
  // The same request once more would give a cookie that counts once a second time.
  if (hasNewCookie(request) || !serve(request, 'STALE', stale)) return false
  reloadBehind(app, req, { key, load })
  return true
}

function hasNewCookie({ context, res }: CacheRequest): boolean {
  return setsCookie(res.getHeader('set-cookie'), context.harmlessCookies)
}

function reloadHitIfDue({ rule, context, req, key }: CacheRequest, remainingMs: number): void {
  reloadIfDue(context, { rule, key, remainingMs }, applicationOf(req), req)
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
  sendStored(request, answer, true, ageSeconds(answer.headers, rule.ttlMs, freshForMs))
}

function sendStored(request: CacheRequest, stored: Representation, isHit: boolean, age?: number): void {
  const { rule, context, res } = request
  warnOfLanguage(request, stored)
  const { status, headers, encoding } = stored
  const isEncoded = encoding !== undefined
  const isAsKept = isEncoded || rule.mark === undefined
  const body = isAsKept
    ? stored.body
    : marked(rule, { status, contentType: headers['content-type'], body: stored.body }, isHit)
  const { sentBodies: bodies, wholeAnswers } = context
  sendRepresentation(res, { stored, body, isEncoded, age, bodies, wholeAnswers })
}

/** The body and its language are of one answer; that this client was to get another shows only now. */
function warnOfLanguage({ rule, context, res }: CacheRequest, { headers }: Representation): void {
  const stored = headers['content-language']
  const wanted = stored === undefined ? undefined : res.getHeader('content-language')
  if (wanted === undefined || String(wanted) === String(stored)) return
  context.warn(
    `${rule.where} answers with one Content-Language for another: middleware in front chose it, and the key '${rule.key}' does not say by what. Name it in the key, or the request header in the option 'vary'.`,
  )
}
