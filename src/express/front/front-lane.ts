import type {
  IncomingMessage,
  OutgoingHttpHeader,
  OutgoingHttpHeaders,
  RequestListener,
  ServerResponse,
} from 'node:http'
import type { Request, Response } from 'express'
import { LRUCache } from 'lru-cache'
import { ageSeconds } from '../../http/age.js'
import { acceptsBrotli, plainBody, weakened } from '../../http/at-rest.js'
import { isForOneOrigin, isOwnToOneResponse } from '../../http/replayable-headers.js'
import { decodeLocal, type Representation } from '../../http/representation.js'
import { hasBody } from '../../http/request-policy.js'
import type { PlaceholderSource } from '../../keys/template.js'
import type { CacheableRule } from '../../rules/rule.js'
import { knownOptions, shown, wrongOption } from '../../tools/check-values.js'
import { hitStatus } from '../cache-status.js'
import type { MiddlewareContext } from '../context.js'
import { reloadIfDue } from '../read/reload.js'
import { etagOf, isUnchanged, type TagMaker, tagMakerOf, textOf } from '../read/send-representation.js'
import { keepPrefetched } from './prefetched-lookup.js'

/** Options of `cache.front()`. */
export interface FrontOptions {
  /** Names of cookies that no answer depends on, such as those of statistics. Any other keeps a request off. */
  readonly harmlessCookies?: readonly string[]
  /** Told of each answer, since nothing that is mounted in the application hears of it: no access log, no metrics. */
  readonly onFrontHit?: (req: IncomingMessage, hit: FrontHit) => void
}

/** An answer that the application has not seen. */
export interface FrontHit {
  readonly key: string
  readonly status: number
}

/** What follows from a URL, once two answers have agreed on it. */
interface Learned {
  readonly rule: CacheableRule
  readonly key: string
  /** The headers that are not the stored answer's: what middleware before the route sets. */
  readonly frame: Head
  /** The same as text, to compare. */
  readonly frameText: string
  readonly makeTag: TagMaker
  readonly isAgreed: boolean
}

interface Hit {
  readonly answer: Representation
  readonly remainingMs: number
  readonly startedAt: number
}

/** An answer as it was last given. */
interface Prepared {
  readonly by: Learned
  readonly isEncoded: boolean
  readonly ttlSeconds: number
  readonly head: Head
  /** The same, as `writeHead` takes it. */
  readonly fields: OutgoingHttpHeader[]
  /** A text has the bytes as its characters (Latin-1). */
  readonly body: Buffer | string
}

const WHERE = 'cache.front()'
const KNOWN: ReadonlySet<string> = new Set<keyof FrontOptions>(['harmlessCookies', 'onFrontHit'])

type FrontContext = Pick<MiddlewareContext, 'engine' | 'emit' | 'loadMs' | 'recentAnswers'>

/** Headers by their names in lower case. */
type Head = Readonly<Record<string, OutgoingHttpHeader | readonly string[]>>

/** How much is remembered of URLs, and how long one may be. */
const MAX_BYTES = 8 * 1024 * 1024
const LONGEST_URL = 2_048
/** Roughly what is remembered beside the URL. */
const ENTRY_BYTES = 600
/** Placeholders whose values are in the URL. */
const OF_URL: ReadonlySet<PlaceholderSource> = new Set(['bare', 'params', 'query'])

/**
 * Answers hits ahead of an application, which then costs nothing.
 *
 * It learns which URL means which key from answers that went through the application, and what headers middleware
 * puts on them; it believes that once two such answers in a row agree.
 */
export class FrontLane {
  readonly #app: RequestListener
  readonly #context: FrontContext
  readonly #harmless: ReadonlySet<string>
  readonly #onFrontHit: FrontOptions['onFrontHit']
  readonly #learned = new LRUCache<string, Learned>({
    maxSize: MAX_BYTES,
    sizeCalculation: (_learned, url) => ENTRY_BYTES + 2 * url.length,
  })

  /** @throws CacheError `E_CACHE_OPTION`. */
  constructor(app: RequestListener, context: FrontContext, options: FrontOptions = {}) {
    checkOptions(options)
    this.#app = app
    this.#context = context
    this.#harmless = new Set(options.harmlessCookies)
    this.#onFrontHit = options.onFrontHit
  }

  readonly listener: RequestListener = (req, res) => {
    const learned = this.#learnedOf(req)
    if (learned && this.#answerLocal(req, res, learned)) return
    if (learned && req.method === 'GET') void this.#answer(req, res, learned)
    else this.#app(req, res)
  }

  /** Learns from a hit that goes through the application, once its head is complete. */
  learn(rule: CacheableRule, key: string, req: Request, res: Response, stored: Representation): void {
    if (!mayTake(rule) || !this.#isAnonymous(req)) return
    const url = urlOf(req, req.originalUrl)
    if (url.length > LONGEST_URL || this.#learned.get(url)?.isAgreed) return
    res.once('finish', () => {
      if (res.statusCode !== stored.status) return
      const frame = frameOf(res.getHeaders(), stored)
      if (!frame) {
        this.#learned.delete(url)
        return
      }
      const frameText = JSON.stringify(frame)
      const before = this.#learned.get(url)
      const isAgreed = before !== undefined && before.key === key && before.frameText === frameText
      this.#learned.set(url, { rule, key, frame, frameText, makeTag: tagMakerOf(res), isAgreed })
    })
  }

  #learnedOf(req: IncomingMessage): Learned | undefined {
    if (!this.#isAnonymous(req)) return undefined
    const learned = this.#learned.get(urlOf(req, req.url ?? ''))
    return learned?.isAgreed ? learned : undefined
  }

  /** From what this process holds itself. */
  #answerLocal(req: IncomingMessage, res: ServerResponse, learned: Learned): boolean {
    const startedAt = performance.now()
    const found = this.#context.engine.hit(learned.key, learned.rule.graceMs)
    const answer = found && decodeLocal(found.value)
    if (!answer) return false
    this.#send(req, res, learned, { answer, remainingMs: found.remainingMs, startedAt })
    return true
  }

  /** From the store, or by the application, which need not ask the store once more. */
  async #answer(req: IncomingMessage, res: ServerResponse, learned: Learned): Promise<void> {
    const startedAt = performance.now()
    const { rule, key } = learned
    const reading = await this.#context.engine.read(key, rule)
    if (reading.kind === 'hit') {
      const answer = this.#context.recentAnswers.decode(key, reading.value)
      if (answer)
        return this.#send(req, res, learned, { answer, remainingMs: reading.remainingMs, startedAt })
    }
    keepPrefetched(req, res, key, reading)
    this.#app(req, res)
  }

  #send(
    req: IncomingMessage,
    res: ServerResponse,
    learned: Learned,
    { answer, remainingMs, startedAt }: Hit,
  ): void {
    const { rule, key } = learned
    const status = send(req, res, learned, answer, remainingMs - rule.graceMs)
    this.#context.emit({ type: 'hit', rule, key, ms: performance.now() - startedAt })
    this.#onFrontHit?.(req, { key, status })
    reloadIfDue(this.#context, { rule, key, remainingMs }, this.#app, req)
  }

  /** Whether nothing in the request but its URL could matter to the answer. */
  #isAnonymous({ method, headers }: IncomingMessage): boolean {
    return (
      (method === 'GET' || method === 'HEAD') &&
      headers.authorization === undefined &&
      headers.range === undefined &&
      (headers.cookie === undefined || this.#areHarmless(headers.cookie)) &&
      !hasBody(headers)
    )
  }

  #areHarmless(cookies: string): boolean {
    return cookies.split(';').every((cookie) => this.#harmless.has((cookie.split('=')[0] as string).trim()))
  }
}

function checkOptions(options: FrontOptions): void {
  knownOptions(WHERE, options, KNOWN, `Write cache.front(app, { harmlessCookies: ['_stats'] }).`)
  const { harmlessCookies = [], onFrontHit = () => {} } = options
  if (!Array.isArray(harmlessCookies) || !harmlessCookies.every((name) => typeof name === 'string')) {
    throw wrongOption(
      WHERE,
      'harmlessCookies is no list of names',
      `Give names of cookies, such as ['_stats'].`,
    )
  }
  if (typeof onFrontHit !== 'function') {
    throw wrongOption(WHERE, `onFrontHit is ${shown(onFrontHit)}`, 'Give a function.')
  }
}

/** Only what depends on nothing but the URL, as far as a rule can tell. */
function mayTake({
  visibility,
  condition,
  mark,
  vary,
  honorRequestCacheControl,
  template,
}: CacheableRule): boolean {
  const isOfUrl = template.placeholders.every(({ source }) => OF_URL.has(source))
  return (
    visibility === 'public' &&
    isOfUrl &&
    condition === undefined &&
    mark === undefined &&
    vary.length === 0 &&
    !honorRequestCacheControl
  )
}

/** Several sites may share a server. */
function urlOf({ headers }: IncomingMessage, url: string): string {
  return `${headers.host} ${url}`
}

/** `null`: what middleware has set is for one client alone, or depends on what else the request says. */
function frameOf(
  all: Readonly<OutgoingHttpHeaders>,
  { headers: stored, encoding }: Representation,
): Head | null {
  const frame: Record<string, Head[string]> = {}
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined) continue
    if (name === 'set-cookie' || isForOneOrigin(name, value)) return null
    // Where nothing was encoded, compression says it all the same.
    if (name === 'vary' && String(value).toLowerCase() !== 'accept-encoding') return null
    if (name in stored || MADE_ANEW.has(name) || isOwnToOneResponse(name)) continue
    if (name === 'content-encoding') {
      if (encoding === undefined) return null
      continue
    }
    frame[name] = value
  }
  return frame
}

const MADE_ANEW: ReadonlySet<string> = new Set(['age', 'etag'])

/** @returns The status. */
function send(
  req: IncomingMessage,
  res: ServerResponse,
  learned: Learned,
  representation: Representation,
  freshForMs: number,
): number {
  const { status } = representation
  const { head, fields, body } = preparedFor(req, learned, representation, freshForMs)
  if (isUnchanged(req.headers, status, (name) => textOf(head[name]))) {
    const { 'content-type': _type, 'content-length': _length, ...rest } = head
    res.writeHead(304, rest as OutgoingHttpHeaders).end()
    return 304
  }
  res.writeHead(status, fields).end(req.method === 'HEAD' ? undefined : body, 'latin1')
  return status
}

/** The answer for this second: all that ask in it get the same. */
function preparedFor(
  { headers: asked }: IncomingMessage,
  learned: Learned,
  representation: Representation,
  freshForMs: number,
): Prepared {
  const { encoding, headers } = representation
  const isEncoded = encoding !== undefined && acceptsBrotli(asked['accept-encoding'])
  const age = ageSeconds(headers, learned.rule.ttlMs, freshForMs)
  const ttlSeconds = Math.floor(freshForMs / 1_000)
  const before = PREPARED.get(representation)
  const isGood =
    before?.by === learned &&
    before.isEncoded === isEncoded &&
    before.head.age === age &&
    before.ttlSeconds === ttlSeconds
  if (isGood) return before

  const body = isEncoded ? representation.body : plainBody(representation)
  const head: Record<string, Head[string]> = { ...learned.frame, ...headers }
  const etag = headers.etag ?? etagOf(representation, learned.makeTag)
  if (etag !== undefined) head.etag = isEncoded ? weakened(String(etag)) : etag
  if (isEncoded) head['content-encoding'] = encoding
  head.age = age
  head['x-cache'] = 'HIT'
  head['cache-status'] = hitStatus(ttlSeconds)
  head['content-length'] = body.length
  // Node writes a list of names and values as it is, and needs not look at an object first.
  const fields = Object.entries(head).flat(1) as OutgoingHttpHeader[]
  const sent = body.length > MAX_TEXT_BYTES ? body : body.toString('latin1')
  const prepared = { by: learned, isEncoded, ttlSeconds, head, fields, body: sent }
  // A body that had to be unpacked would take room that nobody counts.
  if (body === representation.body) PREPARED.set(representation, prepared)
  return prepared
}

/** Up to here Node is faster with head and body in one text than with two pieces. */
const MAX_TEXT_BYTES = 4_096

/** With the stored answer each goes out of memory. */
const PREPARED = new WeakMap<Representation, Prepared>()
