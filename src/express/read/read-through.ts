import type { OutgoingHttpHeaders } from 'node:http'
import type { Request, Response } from 'express'
import vary from 'vary'
import type { Reading } from '../../engine/engine.js'
import type { Load } from '../../engine/load.js'
import { ageSeconds } from '../../http/age.js'
import { acceptsBrotli, compressed, plainBody } from '../../http/at-rest.js'
import { forbidsStale } from '../../http/cache-control.js'
import { markJson } from '../../http/mark.js'
import { replayableHeaders } from '../../http/replayable-headers.js'
import {
  decodeLocal,
  encodeRepresentation,
  isJson,
  parsedJson,
  type Representation,
} from '../../http/representation.js'
import { type RequestPolicy, requestPolicy, unanswerable } from '../../http/request-policy.js'
import { type Storability, storability } from '../../http/storability.js'
import { limitKey, type RenderedKey, renderKey, withVariant } from '../../keys/render.js'
import type { CacheableRule } from '../../rules/rule.js'
import { setCacheStatus } from '../cache-status.js'
import type { MiddlewareContext } from '../context.js'
import { evaluateOption } from '../evaluate-option.js'
import type { FrontLane } from '../front/front-lane.js'
import { takePrefetched } from '../front/prefetched-lookup.js'
import { type RequestValues, valuesOfRequest } from '../request-values.js'
import { type RecordedHead, recordResponse } from './record-response.js'
import { applicationOf, type Reload, reloadBehind, reloadIfDue, reloadOf } from './reload.js'
import {
  applyHead,
  type Conditions,
  ensureEtag,
  generatedEtag,
  sendRepresentation,
  settleConditional,
  takeConditions,
} from './send-representation.js'

const NO_BODY = Buffer.alloc(0)

/**
 * Answers a request from the cache, or prepares its response so that what the handler answers is stored.
 *
 * @returns Whether the request has been answered; at once, where nobody has to be asked. If not, the handler is to run.
 */
export function readThrough(
  rule: CacheableRule,
  context: MiddlewareContext,
  req: Request,
  res: Response,
  values: RequestValues,
): boolean | Promise<boolean> {
  const reload = reloadOf(req)
  if (reload) return recordReload(rule, context, req, res, values, reload)
  context.verify()
  for (const name of rule.vary) vary(res, name)
  if (rule.compress) vary(res, 'Accept-Encoding')
  const key = keyOf(rule, context, req, values)
  if (!key.ok) return bypass(rule, context, res, null, key.reason)
  const policy = rule.honorRequestCacheControl ? requestPolicy(req) : 'normal'
  if (policy === 'no-store') return bypass(rule, context, res, key.key, 'request no-store')
  const frontLane = values.isBareOfUrl ? context.frontLane() : undefined
  const exchange = new CacheRequest(rule, context, req, res, key.key, policy, frontLane)
  const handed = frontLane && policy === 'normal' ? takePrefetched(req, key.key) : undefined
  if (handed) return exchange.answer(handed)
  if (policy === 'normal' && exchange.answerLocal()) return true
  return req.method === 'HEAD' ? exchange.answerHead() : exchange.answer()
}

/** Lets a request of our own run the handler, and stores what that answers. */
function recordReload(
  rule: CacheableRule,
  context: MiddlewareContext,
  req: Request,
  res: Response,
  values: RequestValues,
  reload: Reload,
): false {
  const own = keyOf(rule, context, req, values)
  // Another rule of the route has a key of its own, and nothing to do with this.
  if (own.ok && own.key === reload.key) {
    reload.isTaken = true
    new CacheRequest(rule, context, req, res, own.key, 'normal').recordReload(reload.load)
  }
  return false
}

/** The key of a request, or why it has none and so bypasses the cache. */
function keyOf(
  rule: CacheableRule,
  { isEnabled, emit }: MiddlewareContext,
  req: Request,
  values: RequestValues,
): RenderedKey {
  if (!isEnabled) return { ok: false, reason: 'disabled' }
  if (!rule.methods.has(req.method)) return { ok: false, reason: `method ${req.method}` }
  const refusal = unanswerable(req) ?? conditionOf(rule, emit, req)
  if (refusal) return { ok: false, reason: refusal }
  const rendered = renderKey(rule.template, valuesOfRequest(req, values))
  if (!rendered.ok || rule.vary.length === 0) return rendered
  const variant = new Map(rule.vary.map((name) => [name, req.get(name)]))
  return limitKey(withVariant(rendered.key, variant))
}

/** Why the rule's condition keeps this request from the cache; `undefined` if it does not. */
function conditionOf(rule: CacheableRule, emit: MiddlewareContext['emit'], req: Request): string | undefined {
  const ask = () => (rule.condition === undefined || rule.condition(req) ? undefined : 'condition')
  return evaluateOption(emit, rule, 'condition', ask, 'condition failed')
}

function bypass(
  rule: CacheableRule,
  { emit, maxBodyBytes }: MiddlewareContext,
  res: Response,
  key: string | null,
  reason: string,
): false {
  setCacheStatus(res, { xCache: 'BYPASS', detail: reason })
  emit({ type: 'bypass', rule, key, reason })
  // Whoever reads the mark finds it there, with the cache or without.
  if (rule.mark !== undefined) {
    recordResponse(res, maxBodyBytes, {
      whole: (head, body) => {
        // The answer to a HEAD has no body that could show how long it is with the mark.
        if (res.req.method !== 'HEAD') return markedAnswer(rule, res, head.status, body, false)
        res.removeHeader('Content-Length')
        return body
      },
      leaving() {},
      streamed() {},
      lost() {},
    })
  }
  return false
}

/** The body that a handler has just given, with the rule's mark. */
function markedAnswer(
  rule: CacheableRule,
  res: Response,
  status: number,
  body: Buffer,
  isHit: boolean,
): Buffer {
  const withMark = marked(rule, status, res.getHeader('content-type'), body, isHit)
  if (withMark !== body && res.hasHeader('Content-Length')) res.setHeader('Content-Length', withMark.length)
  return withMark
}

/** The body with the rule's mark, if it is an answer that could have come from the cache. */
function marked(
  { mark, statuses }: CacheableRule,
  status: number,
  contentType: unknown,
  body: Buffer,
  isHit: boolean,
): Buffer {
  const isMarkable = mark !== undefined && statuses.has(status) && isJson(contentType)
  return isMarkable ? markJson(body, mark, isHit) : body
}

/** One request that meets the cache under one key. */
class CacheRequest {
  readonly #rule: CacheableRule
  readonly #context: MiddlewareContext
  readonly #req: Request
  readonly #res: Response
  readonly #key: string
  readonly #policy: RequestPolicy
  readonly #frontLane: FrontLane | undefined
  readonly #startedAt = performance.now()
  /** What middleware had set before the route; known once the handler is to run. */
  #headersBefore: OutgoingHttpHeaders = {}
  #isReload = false

  constructor(
    rule: CacheableRule,
    context: MiddlewareContext,
    req: Request,
    res: Response,
    key: string,
    policy: RequestPolicy,
    frontLane?: FrontLane,
  ) {
    this.#rule = rule
    this.#context = context
    this.#req = req
    this.#res = res
    this.#key = key
    this.#policy = policy
    this.#frontLane = frontLane
  }

  /** From what this process holds itself, if it may. */
  answerLocal(): boolean {
    const found = this.#context.engine.hit(this.#key, this.#rule.graceMs)
    const representation = found && decodeLocal(found.value)
    if (!representation) return false
    this.#emitServed('hit')
    this.#send(representation, 'HIT', found.remainingMs)
    this.#reloadIfDue(found.remainingMs)
    return true
  }

  /** The answer of a request that nobody waits for. */
  recordReload(load: Load): void {
    this.#isReload = true
    this.#record(load, null)
  }

  /** HEAD is answered from the GET's entry; it has no body that could fill one. */
  async answerHead(): Promise<boolean> {
    if (this.#policy === 'reload') return this.#bypass('HEAD asks for an answer of now')
    const found = await this.#context.engine.peek(this.#key, this.#rule.graceMs)
    const representation = found && this.#decode(found.value)
    if (!representation) return this.#bypass('HEAD without an entry')
    this.#emitServed('hit')
    this.#send(representation, 'HIT', found.remainingMs)
    return true
  }

  /** @param handed - What has been read for the request already. */
  async answer(handed?: Reading): Promise<boolean> {
    const reading = handed ?? (await this.#read())
    if (this.#res.closed) return this.#leave(reading)
    const found = this.#decodeReading(reading) ?? (await this.#readAnew(reading))
    if (!found) return this.#bypass('unreadable entry')
    switch (found.kind) {
      case 'hit':
      case 'stale':
        if (found.kind === 'stale' && mustBeFresh(found.entry)) return this.#bypass('stale answer forbidden')
        this.#emitServed(found.kind)
        this.#send(found.entry, found.kind === 'hit' ? 'HIT' : 'STALE', found.remainingMs)
        if (found.kind === 'hit') this.#reloadIfDue(found.remainingMs)
        return true
      case 'loaded':
        this.#emitMiss(true)
        this.#sendLoaded(found.entry)
        return true
      case 'pass-through':
        return this.#bypass(found.reason)
      case 'load':
        if (this.#reloadBehind(found.load, found.stale)) return true
        this.#record(found.load, found.stale)
        return false
    }
  }

  /** Serves the stale answer and reloads behind it, if both may be. */
  #reloadBehind(load: Load, stale: TimedEntry | null): boolean {
    const app = applicationOf(this.#req)
    const { graceMs, staleWhileRevalidateMs } = this.#rule
    const mayServe =
      stale !== null && stale.remainingMs > graceMs - staleWhileRevalidateMs && !mustBeFresh(stale.entry)
    if (!mayServe || !app || this.#policy !== 'normal' || this.#req.method !== 'GET') return false
    this.#emitServed('stale')
    this.#send(stale.entry, 'STALE', stale.remainingMs)
    reloadBehind(app, this.#req, { key: this.#key, load })
    return true
  }

  #reloadIfDue(remainingMs: number): void {
    // Before anything else is asked of the request: most rules do not want it.
    if (!this.#rule.refreshAhead) return
    const hit = { rule: this.#rule, key: this.#key, remainingMs }
    reloadIfDue(this.#context, hit, applicationOf(this.#req), this.#req)
  }

  /** Nobody waits for the answer any more. */
  #leave(reading: Reading): true {
    if (reading.kind === 'load') reading.load.cancel()
    this.#bypass('client gone')
    return true
  }

  #read(): Promise<Reading> {
    const { graceMs, staleWhileRevalidateMs, keyLimit } = this.#rule
    // To one who wants an answer of now, whatever is there is past its time.
    const mode = this.#policy === 'normal' ? 'normal' : 'reload'
    return this.#context.engine.read(this.#key, { graceMs, staleWhileRevalidateMs, keyLimit, mode })
  }

  #bypass(reason: string): false {
    return bypass(this.#rule, this.#context, this.#res, this.#key, reason)
  }

  /** Somebody else's bytes under the key are no answer, and must not stay in the way of one. */
  async #readAnew(unreadable: Reading): Promise<DecodedReading | null> {
    this.#discard(unreadable)
    await this.#context.engine.evict([{ kind: 'key', key: this.#key }])
    const reading = await this.#read()
    const found = this.#decodeReading(reading)
    if (!found) this.#discard(reading)
    return found
  }

  /** `null`: the value is nothing that this cache has stored. */
  #decodeReading(reading: Reading): DecodedReading | null {
    if (reading.kind === 'pass-through') return reading
    if (reading.kind === 'load') {
      const { load, stale } = reading
      if (!stale) return { kind: 'load', load, stale: null }
      const entry = this.#decode(stale.value)
      return entry && { kind: 'load', load, stale: { entry, remainingMs: stale.remainingMs } }
    }
    const entry = this.#decode(reading.value)
    if (!entry || reading.kind === 'loaded') return entry && { kind: 'loaded', entry }
    return { kind: reading.kind, entry, remainingMs: reading.remainingMs }
  }

  #decode(value: Buffer): Representation | null {
    return this.#context.recentAnswers.decode(this.#key, value)
  }

  #discard(unreadable: Reading): void {
    if (unreadable.kind === 'load') unreadable.load.cancel()
    this.#context.emit({ type: 'discard', key: this.#key, reason: 'neither JSON nor an HTTP message' })
  }

  #send(stored: Representation, xCache: 'HIT' | 'STALE', remainingMs: number): void {
    const freshForMs = remainingMs - this.#rule.graceMs
    setCacheStatus(this.#res, { xCache, ttlSeconds: Math.floor(freshForMs / 1_000) })
    if (xCache === 'HIT') this.#frontLane?.learn(this.#rule, this.#key, this.#req, this.#res, stored)
    this.#sendStored(stored, true, ageSeconds(stored.headers, this.#rule.ttlMs, freshForMs))
  }

  #sendLoaded(stored: Representation): void {
    setCacheStatus(this.#res, { xCache: 'MISS', collapsed: true })
    this.#sendStored(stored, false)
  }

  #sendStored(stored: Representation, isHit: boolean, age?: number): void {
    const isEncoded = stored.encoding !== undefined && acceptsBrotli(this.#req.headers['accept-encoding'])
    const body = isEncoded
      ? stored.body
      : marked(this.#rule, stored.status, stored.headers['content-type'], plainBody(stored), isHit)
    sendRepresentation(this.#res, { stored, body, isEncoded, age })
  }

  #marked(body: Buffer, isHit: boolean): Buffer {
    return markedAnswer(this.#rule, this.#res, this.#res.statusCode, body, isHit)
  }

  /** Lets the handler's answer pass, and stores it if it may be. */
  #record(load: Load, stale: TimedEntry | null): void {
    this.#headersBefore = this.#res.getHeaders()
    const conditions = takeConditions(this.#req)
    const forwarded = this.#policy === 'reload' ? 'request' : stale ? 'stale' : 'miss'
    setCacheStatus(this.#res, { xCache: 'MISS', forwarded })
    recordResponse(this.#res, this.#context.maxBodyBytes, {
      whole: (head, body) => this.#finishWhole({ load, stale, conditions, forwarded }, head, body),
      leaving: () => {
        settleConditional(this.#res, NO_BODY, conditions)
      },
      streamed: (head, body) => {
        this.#emitMiss(false)
        this.#store(load, head, body)
      },
      lost: (reason) => {
        this.#emitMiss(false)
        this.#context.emit({ type: 'not-stored', rule: this.#rule, key: this.#key, reason })
        if (reason === 'aborted') load.cancel()
        else load.finishUnshareable()
      },
    })
  }

  #finishWhole({ load, stale, conditions, forwarded }: Miss, head: RecordedHead, body: Buffer): Buffer {
    // One who wanted an answer of now is not told that of before (RFC 9111, section 5.2.1.4).
    const mayStandIn = stale && forwarded === 'stale' && head.status >= 500 && !mustBeFresh(stale.entry)
    if (mayStandIn && stale.remainingMs > this.#rule.graceMs - this.#rule.staleIfErrorMs) {
      return this.#standIn(load, stale, conditions)
    }
    this.#emitMiss(false)
    const refusal = this.#store(load, head, body)
    if (refusal) {
      setCacheStatus(this.#res, { xCache: 'MISS', forwarded, detail: refusal })
    } else {
      setCacheStatus(this.#res, { xCache: 'MISS', forwarded, stored: true })
      ensureEtag(this.#res, { body })
    }
    return settleConditional(this.#res, this.#marked(body, false), conditions)
  }

  /** Serves the old answer in place of a failed reload (RFC 5861, section 4). */
  #standIn(load: Load, { entry, remainingMs }: TimedEntry, conditions: Conditions): Buffer {
    load.finishUnshareable()
    for (const name of this.#res.getHeaderNames()) {
      if (!(name in this.#headersBefore)) this.#res.removeHeader(name)
    }
    applyHead(this.#res, entry)
    const freshForMs = remainingMs - this.#rule.graceMs
    this.#res.setHeader('Age', ageSeconds(entry.headers, this.#rule.ttlMs, freshForMs))
    setCacheStatus(this.#res, { xCache: 'STALE', detail: 'reload failed' })
    ensureEtag(this.#res, entry)
    this.#emitServed('stale')
    return settleConditional(this.#res, this.#marked(plainBody(entry), true), conditions)
  }

  /** @returns Why the answer is not stored; `undefined` if it may be, and whether it then was, the store decides. */
  #store(load: Load, { status, headers }: RecordedHead, body: Buffer): string | undefined {
    const verdict = this.#verdict({ status, headers }, body)
    if (!verdict.storable) {
      load.finishUnshareable()
      this.#context.emit({ type: 'not-stored', rule: this.#rule, key: this.#key, reason: verdict.reason })
      return verdict.reason
    }
    const replayable = replayableHeaders(headers, this.#headersBefore)
    const answer = { status, headers: replayable, body }
    const lifetimeMs = verdict.ttlMs + this.#rule.graceMs
    const etag = generatedEtag(this.#res, body)
    if (this.#rule.compress) {
      if (etag !== undefined) replayable.etag ??= etag
      void compressed(answer)
        // Whatever may keep it from being compressed: those who wait for the load are not to wait for ever.
        .catch(() => answer)
        .then((smaller) => load.complete(encodeRepresentation(smaller), lifetimeMs))
      return undefined
    }
    // The tag that Express makes can be made again from the body.
    if (replayable.etag === etag) delete replayable.etag
    void load.complete(encodeRepresentation(answer), lifetimeMs)
    return undefined
  }

  #verdict(head: RecordedHead, body: Buffer): Storability {
    const { unless } = this.#rule
    const facts = { ...head, bodyBytes: body.length }
    const verdict = storability(facts, this.#rule, this.#headersBefore.vary, Date.now())
    if (!verdict.storable || !unless) return verdict
    const ask = (): Storability => {
      const isUnwanted = unless(parsedJson(head.headers['content-type'], body), this.#req)
      return isUnwanted ? { storable: false, reason: 'unless' } : verdict
    }
    const onThrow: Storability = { storable: false, reason: 'unless failed' }
    return evaluateOption(this.#context.emit, this.#rule, 'unless', ask, onThrow)
  }

  #emitServed(type: 'hit' | 'stale'): void {
    this.#context.emit({ type, rule: this.#rule, key: this.#key, ms: this.#elapsedMs() })
  }

  #emitMiss(collapsed: boolean): void {
    if (this.#isReload) {
      this.#context.emit({ type: 'reload', rule: this.#rule, key: this.#key, ms: this.#elapsedMs() })
      return
    }
    this.#context.emit({ type: 'miss', rule: this.#rule, key: this.#key, ms: this.#elapsedMs(), collapsed })
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAt
  }
}

/** What a request that runs the handler goes on with. */
interface Miss {
  readonly load: Load
  /** May stand in for a failed reload. */
  readonly stale: TimedEntry | null
  readonly conditions: Conditions
  readonly forwarded: 'miss' | 'stale' | 'request'
}

interface TimedEntry {
  readonly entry: Representation
  readonly remainingMs: number
}

/** A reading whose values have been decoded. */
type DecodedReading =
  | ({ readonly kind: 'hit' | 'stale' } & TimedEntry)
  | { readonly kind: 'loaded'; readonly entry: Representation }
  | { readonly kind: 'load'; readonly load: Load; readonly stale: TimedEntry | null }
  | Extract<Reading, { kind: 'pass-through' }>

function mustBeFresh({ headers }: Representation): boolean {
  return forbidsStale(headers['cache-control'])
}
