import type { OutgoingHttpHeaders } from 'node:http'
import type { Load } from '../../engine/load.js'
import { ageSeconds } from '../../http/age.js'
import type { CacheOutcome } from '../../http/cache-status.js'
import { type Conditions, isUnchanged } from '../../http/conditions.js'
import type { Storability } from '../../http/storability.js'
import { setCacheStatus } from '../cache-status.js'
import { isAnswered } from '../response/answered.js'
import { type AnswerHead, headersNow } from '../response/final-head.js'
import { visitRoute } from '../route-visit.js'
import { tagMakerOf } from '../tag-maker.js'
import { AnswerTags } from './answer-tags.js'
import { type CacheRequest, emitMiss, emitServed } from './cache-request.js'
import { restoreConditions, takeConditions } from './conditions.js'
import { mustBeFresh, type TimedAnswer } from './decode-reading.js'
import { onUnnamedJsonp } from './jsonp.js'
import { judgeAnswer } from './judge-answer.js'
import { beginLoad } from './load-of-request.js'
import { followJson, type MadeJson } from './made-json.js'
import { markAnswer } from './mark-answer.js'
import { type RecordingHooks, recordResponse, type Whole } from './record-response.js'
import { applyHead } from './send-representation.js'
import { storeAnswer } from './store-answer.js'

/** Lets the handler's answer pass, and ends the load with it. */
export function recordMiss(request: CacheRequest, load: Load, stale: TimedAnswer | null): void {
  const { context, req, res, route } = request
  const miss = new RecordedMiss(request, load, stale)
  const recording = recordResponse(res, context.maxBodyBytes, miss)
  if (!route) return
  visitRoute(req, route, {
    left: () => recording.leaveRoute(),
    failed: () => miss.fail(),
  })
}

/** A request whose handler is to run, and what its answer ends. */
class RecordedMiss implements RecordingHooks {
  readonly #request: CacheRequest
  readonly #load: Load
  readonly #tags: AnswerTags
  /** May stand in for a failed reload. */
  readonly #stale: TimedAnswer | null
  readonly #conditions: Conditions
  readonly #forwarded: NonNullable<CacheOutcome['forwarded']>
  /** What middleware in front of the route has set. */
  readonly #headersBefore: OutgoingHttpHeaders
  #route: AnswerHead | undefined
  #final: AnswerHead | undefined
  /** For how long the answer is fresh, once its whole body has been judged. */
  #ttlMs: number | undefined
  /** Of the body that leaves, if it is not the one that is stored. */
  #markedLength: number | undefined
  readonly #jsonAtWork: () => MadeJson | null
  #madeJson: MadeJson | null = null
  #hasFailed = false
  #isUnnamedJsonp = false

  constructor(request: CacheRequest, load: Load, stale: TimedAnswer | null) {
    const { context, req, res, policy } = request
    this.#request = request
    this.#load = load
    this.#tags = new AnswerTags(request, beginLoad(req, context.loads, load))
    this.#stale = stale
    this.#headersBefore = headersNow(res)
    this.#conditions = takeConditions(req)
    this.#forwarded = policy === 'reload' ? 'request' : stale ? 'stale' : 'miss'
    this.#jsonAtWork = followJson(res)
    onUnnamedJsonp(res, request.rule, () => {
      this.#isUnnamedJsonp = true
    })
    this.#tell({})
  }

  /** An error has left the route: whoever answers for it may not say so by the status. */
  fail(): void {
    this.#hasFailed = true
  }

  whole(head: AnswerHead, body: Buffer, isAsGiven: boolean): Whole {
    if (this.#stale && this.#mayStandIn(this.#stale, head)) return this.#standIn(this.#stale)
    const { rule, res } = this.#request
    const made = this.#jsonAtWork()
    this.#madeJson = made && { isTagMade: made.isTagMade && isAsGiven }
    const marked = markAnswer(rule, res, head.status, body, false)
    const isUnmodified = this.#hasAlready(head, body)
    if (marked === body) return { isUnmodified }
    this.#markedLength = marked.length
    return { body: marked, isUnmodified }
  }

  /** Most requests have no conditions, and need no copy of the headers. */
  passing(head: AnswerHead): boolean {
    return isUnchanged(this.#conditions, head.status, (name) => head.headers[name])
  }

  decided(route: AnswerHead, final: AnswerHead, whole: Buffer | undefined): boolean {
    this.#route = route
    this.#final = final
    const verdict = this.#judge(route, final, whole)
    if (!verdict.storable) {
      this.#refuse(verdict.reason)
      this.#tell({ detail: verdict.reason })
      return false
    }
    if (whole === undefined) return true
    this.#ttlMs = verdict.ttlMs
    this.#tell({ stored: true })
    this.#ensureEtag(whole)
    return true
  }

  complete(body: Buffer): void {
    const [route, final] = [this.#route, this.#final] as [AnswerHead, AnswerHead]
    if (this.#ttlMs === undefined) {
      const verdict = this.#judge(route, final, body)
      if (!verdict.storable) {
        this.#refuse(verdict.reason)
        return
      }
      this.#ttlMs = verdict.ttlMs
    }
    // The handler may have given others since the head was decided.
    const tags = this.#tags.of(route, body)
    if (tags?.ok === false) {
      this.#refuse(tags.reason)
      return
    }
    emitMiss(this.#request, false)
    storeAnswer(this.#request, this.#load, {
      status: route.status,
      headers: route.headers,
      finalHeaders: final.headers,
      body,
      headersBefore: this.#headersBefore,
      ttlMs: this.#ttlMs,
      tags: tags?.tags,
      madeJson: this.#madeJson,
    })
  }

  lost(reason: Parameters<RecordingHooks['lost']>[0]): void {
    this.#refuse(reason)
    if (reason !== 'left the route') return
    restoreConditions(this.#request.req, this.#conditions)
    this.#tell({ detail: reason })
  }

  #judge(route: AnswerHead, final: AnswerHead, body: Buffer | undefined): Storability {
    const { req, route: ownRoute } = this.#request
    const hasLeft = this.#hasFailed || (ownRoute !== undefined && req.route !== ownRoute)
    if (hasLeft) return { storable: false, reason: 'left the route' }
    if (this.#isUnnamedJsonp) return this.#refuseJsonp()
    const length = this.#markedLength ?? body?.length
    const verdict = judgeAnswer(this.#request, {
      route,
      final,
      body,
      length,
      headersBefore: this.#headersBefore,
    })
    if (!verdict.storable || body === undefined) return verdict
    const tags = this.#tags.of(route, body)
    return tags?.ok === false ? { storable: false, reason: tags.reason } : verdict
  }

  #refuseJsonp(): Storability {
    const { rule, context } = this.#request
    context.warn(
      `${rule.where} answers with res.jsonp, and its key '${rule.key}' does not name the callback: nothing is stored. Add {query.callback|none}.`,
    )
    return { storable: false, reason: 'JSONP' }
  }

  #refuse(reason: string): void {
    const { rule, context, key } = this.#request
    emitMiss(this.#request, false)
    context.emit({ type: 'not-stored', rule, key, reason })
    // Who went away gives its place to another; an answer that is its own sends each to the handler.
    if (reason === 'aborted') this.#load.cancel()
    else this.#load.finishUnshareable(reason)
  }

  #tell(outcome: Pick<CacheOutcome, 'stored' | 'detail'>): void {
    const { res } = this.#request
    if (!isAnswered(res)) setCacheStatus(res, { xCache: 'MISS', forwarded: this.#forwarded, ...outcome })
  }

  /** Makes sure that an answer has the `ETag` which Express would give it, on misses as on hits. */
  #ensureEtag(body: Buffer): void {
    const { res } = this.#request
    if (isAnswered(res) || res.hasHeader('ETag')) return
    const etag = tagMakerOf(res)?.(body)
    if (etag) res.setHeader('ETag', etag)
  }

  /** Whether the client has the answer already; by the tag that a stored one has where the handler gives none. */
  #hasAlready(head: AnswerHead, body: Buffer): boolean {
    const { res } = this.#request
    const isUntagged = this.#conditions['if-none-match'] !== undefined && head.headers.etag === undefined
    if (isUntagged && this.#judge(head, head, body).storable) {
      const etag = tagMakerOf(res)?.(body)
      if (this.passing({ ...head, headers: { ...head.headers, etag } })) {
        res.setHeader('ETag', etag as string)
        return true
      }
    }
    return this.passing(head)
  }

  /** Whether an old answer may be served in place of a failed reload (RFC 5861, section 4). */
  #mayStandIn(stale: TimedAnswer, { status }: AnswerHead): boolean {
    const { graceMs, staleIfErrorMs } = this.#request.rule
    // A client that wants an answer of now gets none of before (RFC 9111, section 5.2.1.4).
    const isFailedReload = this.#forwarded === 'stale' && status >= 500
    return isFailedReload && !mustBeFresh(stale.answer) && stale.remainingMs > graceMs - staleIfErrorMs
  }

  /** Replaces the handler's answer by the old one. */
  #standIn({ answer, remainingMs }: TimedAnswer): Whole {
    const { rule, res } = this.#request
    this.#load.finishUnshareable('stale answer in its place')
    for (const name of res.getHeaderNames()) {
      if (!(name in this.#headersBefore)) res.removeHeader(name)
    }
    const { body: plain } = answer
    const age = ageSeconds(answer.headers, rule.ttlMs, remainingMs - rule.graceMs)
    applyHead(res, { stored: answer, body: plain, isEncoded: false, age })
    setCacheStatus(res, { xCache: 'STALE', detail: 'reload failed' })
    emitServed(this.#request, 'stale', answer, remainingMs)
    // Whoever gets it in front may write into it.
    const body = Buffer.from(markAnswer(rule, res, res.statusCode, plain, true))
    const isUnmodified = this.passing({ status: res.statusCode, headers: res.getHeaders() })
    return { body, isUnmodified, isOver: true }
  }
}
