import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { Request, Response } from 'express'
import { LRUCache } from 'lru-cache'
import type { TagMaker } from '../../http/etag.js'
import { ownValue } from '../../http/field-values.js'
import { isForOneOrigin, isOwnToOneResponse } from '../../http/replayable-headers.js'
import type { Representation } from '../../http/representation.js'
import { hasOnlyCookies } from '../../http/request-cookies.js'
import { hasBody } from '../../http/request-policy.js'
import type { Head } from '../../http/response-head.js'
import type { PlaceholderSource } from '../../keys/template.js'
import type { CacheableRule } from '../../rules/rule.js'
import type { HitLearner } from '../context.js'
import { tagMakerOf } from '../tag-maker.js'
import { type Asked, type RequestWatch, watchOf, watchRequest } from '../watched-request.js'
import { type Frame, Frames } from './frames.js'
import { identityOf, namesOf, type Trust } from './identity.js'
import { hasSent, watchBody } from './sent-body.js'

/** What follows from a request, once two answers have agreed on it. */
export interface LearnedUrl {
  readonly rule: CacheableRule
  readonly key: string
  /** The headers that are not the stored answer's: what middleware before the route sets. */
  readonly frame: Frame
  /** The headers that were on the response before the application saw it. */
  readonly ahead: Frame
  readonly makeTag: TagMaker
}

interface Observation extends LearnedUrl {
  readonly isAgreed: boolean
  /** When the application last said so, by `performance.now()`. */
  at: number
}

/** What is known of a URL, or of one with certain headers. */
interface Page {
  /** What the application reads of a request for the URL, beside the URL. */
  readonly names: readonly string[]
  readonly trust: Trust | undefined
  readonly observation: Observation | undefined
}

/** Most responses have no header when they come here. */
const NO_HEADERS: Frame = { headers: {}, isForgotten: false }
/** What others had set on responses that had some; `undefined`: there was no room to note it. */
const AHEAD = new WeakMap<ServerResponse, Frame | undefined>()

/** How much is remembered of URLs, and how long one may be, with what is read beside it. */
const MAX_BYTES = 4 * 1024 * 1024
const LONGEST_URL = 2_048
/** Roughly what is remembered beside texts. */
const ENTRY_BYTES = 800
/** After that the application is asked again, since middleware may say something else by now. */
const MAX_AGE_MS = 30_000
/** Placeholders whose values are in the URL, or, as `{host}`, in what is noted when it is read. */
const OF_URL: ReadonlySet<PlaceholderSource> = new Set(['bare', 'params', 'query'])

/**
 * Learns from hits that go through the application which request means which key, and what headers middleware puts on
 * the answer. It believes that once two such hits in a row agree, for a while, and for requests that are the same in all
 * that the application has read of them.
 */
export class LearnedUrls implements HitLearner {
  readonly #harmlessCookies: ReadonlySet<string>
  readonly #harmlessReads: ReadonlySet<string>
  readonly #frames = new Frames()
  readonly #pages = new LRUCache<string, Page>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ names, observation }, text) =>
      ENTRY_BYTES + 2 * (text.length + (observation?.key.length ?? 0) + names.join().length),
  })

  /** @param harmlessReads - Names of headers, and `address`, that no answer depends on though they are read. */
  constructor(harmlessCookies: readonly string[], harmlessReads: readonly string[]) {
    this.#harmlessCookies = new Set(harmlessCookies)
    this.#harmlessReads = new Set(harmlessReads.flatMap(namesOf))
  }

  /**
   * What is known of a request, if nothing else in it could matter to the answer, and its response has come as the one
   * from which that was learned.
   *
   * @param now - By `performance.now()`: the caller needs it as well, and to ask for it takes as long as all of this.
   */
  find(req: IncomingMessage, res: ServerResponse, now: number): LearnedUrl | undefined {
    if (!this.#isAnonymous(req)) return undefined
    const ahead = res.getHeaderNames().length === 0 ? NO_HEADERS : this.#noteAhead(res)
    const observation = this.#observationOf(req, urlOf(req, req.url ?? ''))
    const isKnown = observation?.isAgreed && observation.ahead === ahead && !observation.frame.isForgotten
    return isKnown && now - observation.at < MAX_AGE_MS ? observation : undefined
  }

  #noteAhead(res: ServerResponse): Frame | undefined {
    const headers: OutgoingHttpHeaders = {}
    for (const [name, value] of Object.entries(res.getHeaders())) {
      if (!isOwnToOneResponse(name)) headers[name] = ownValue(value)
    }
    const frame = this.#frames.of(headers)
    AHEAD.set(res, frame)
    return frame
  }

  clear(): void {
    this.#pages.clear()
  }

  /**
   * Looks on at what the application reads of a request from which something may be learned, and at what it sends.
   *
   * @param maxBytes - How long the body of an answer may be from which it is learned.
   */
  watch(req: IncomingMessage, res: ServerResponse, maxBytes: number): void {
    // The first answer only tells that the URL is worth it: to be watched takes a request time.
    if (req.method !== 'GET' || !this.#isAnonymous(req) || !this.#pages.has(urlOf(req, req.url ?? ''))) return
    watchRequest(req)
    watchBody(res, maxBytes)
  }

  /** Learns once the head is complete. */
  learn(rule: CacheableRule, key: string, req: Request, res: Response, stored: Representation): void {
    if (req.method !== 'GET' || !dependsOnUrlAlone(rule) || !this.#isAnonymous(req)) return
    const watch = watchOf(req)
    const asked = watch?.asked ?? { url: req.originalUrl, headers: req.headers, socket: req.socket }
    const url = urlOf(asked, asked.url ?? '')
    if (url.length > LONGEST_URL) return
    // Ahead of what others do after the answer, such as writing all headers into a log.
    res.prependOnceListener('finish', () => {
      watch?.end()
      if (res.statusCode !== stored.status) return
      const headers = middlewareHeadersOf(res.getHeaders(), stored)
      const isForAll =
        headers !== null && !reflects(headers, asked.headers) && (!watch || hasSent(res, stored.body))
      const frame = isForAll ? this.#frames.of(headers) : undefined
      const ahead = AHEAD.has(res) ? AHEAD.get(res) : NO_HEADERS
      if (!frame || !ahead) {
        this.#pages.delete(url)
        return
      }
      const makeTag = tagMakerOf(res)
      const seen = { rule, key, frame, ahead, makeTag, isAgreed: false, at: performance.now() }
      if (watch) this.#compare(url, watch, req.app?.get('trust proxy fn'), seen)
      else if (!this.#pages.has(url)) {
        this.#pages.set(url, { names: [], trust: undefined, observation: seen })
      }
    })
  }

  /** Compares what a request has led to with what the one before has. */
  #compare(url: string, { names, asked }: RequestWatch, trust: Trust | undefined, seen: Observation): void {
    const known = this.#pages.get(url)
    if (!known || names === null) return
    const before = this.#observationOf(asked, url) ?? known.observation
    const isSame =
      before?.key === seen.key &&
      before.frame === seen.frame &&
      before.ahead === seen.ahead &&
      !before.frame.isForgotten
    const all = this.#union(known.names, names)
    const isGrown = all.length > known.names.length
    if (isSame && before.isAgreed && before.rule === seen.rule && !isGrown) {
      before.at = seen.at
      return
    }
    const observation = { ...seen, isAgreed: isSame }
    if (all.length === 0) {
      this.#pages.set(url, { names: all, trust, observation })
      return
    }
    this.#pages.set(url, { names: all, trust, observation: undefined })
    const identity = identityOf(url, all, asked, trust)
    if (identity !== undefined && identity.length <= LONGEST_URL) {
      this.#pages.set(identity, { names: [], trust: undefined, observation })
    }
  }

  #observationOf(asked: Asked, url: string): Observation | undefined {
    const page = this.#pages.get(url)
    if (!page || page.names.length === 0) return page?.observation
    const identity = identityOf(url, page.names, asked, page.trust)
    return identity === undefined ? undefined : this.#pages.get(identity)?.observation
  }

  #union(known: readonly string[], read: ReadonlySet<string>): readonly string[] {
    const more = [...read].filter((name) => {
      const isJudged = JUDGED.has(name) || isOwnToOneResponse(name) || this.#harmlessReads.has(name)
      return !isJudged && !known.includes(name)
    })
    return more.length === 0 ? known : [...known, ...more]
  }

  /** Whether nothing in the request but its URL, and what the application reads, could matter to the answer. */
  #isAnonymous({ method, headers }: IncomingMessage): boolean {
    return (
      (method === 'GET' || method === 'HEAD') &&
      headers.authorization === undefined &&
      headers.range === undefined &&
      hasOnlyCookies(headers.cookie, this.#harmlessCookies) &&
      !hasBody(headers)
    )
  }
}

/** What the lane judges for each request, or has in the URL it knows: reading it makes no difference. */
const JUDGED: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'content-length',
  'cookie',
  'host',
  'range',
  'transfer-encoding',
])

/** Whether an answer depends on nothing but the URL, as far as a rule can tell. */
function dependsOnUrlAlone({
  visibility,
  condition,
  mark,
  vary,
  honorRequestCacheControl,
  template,
  functionKey,
}: CacheableRule): boolean {
  const isOfUrl = template.placeholders.every(({ source }) => OF_URL.has(source))
  return (
    visibility === 'public' &&
    // A function may ask whatever it likes.
    functionKey === undefined &&
    isOfUrl &&
    condition === undefined &&
    mark === undefined &&
    vary.length === 0 &&
    !honorRequestCacheControl
  )
}

/** Several sites may share a server, with TLS and without. */
function urlOf({ headers, socket }: Asked, url: string): string {
  return (socket as TLSSocket).encrypted ? `${headers.host} https ${url}` : `${headers.host} ${url}`
}

/**
 * Whether headers say again what names one request, such as its id, under a name that does not. Two requests may come
 * with the same on purpose.
 */
function reflects(headers: Head, asked: IncomingMessage['headers']): boolean {
  const ids = Object.keys(asked).filter(isOwnToOneResponse)
  if (ids.every((name) => name === 'connection')) return false
  const text = JSON.stringify(headers)
  return ids.some((name) => name !== 'connection' && asked[name] && text.includes(String(asked[name])))
}

/**
 * `null`: what middleware has set is for one client alone, or depends on what else the request says, or it has changed
 * what the route had said.
 */
function middlewareHeadersOf(
  all: Readonly<OutgoingHttpHeaders>,
  { headers: stored, encoding }: Representation,
): Head | null {
  const isChanged = (name: string): boolean =>
    !MADE_ANEW.has(name) && String(all[name]) !== String(stored[name])
  if (Object.keys(stored).some(isChanged)) return null
  const ofMiddleware: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined) continue
    if (name === 'set-cookie' || isForOneOrigin(name, value)) return null
    // Where nothing was encoded, compression says it all the same.
    if (name === 'vary' && String(value).toLowerCase() !== 'accept-encoding') return null
    if (Object.hasOwn(stored, name) || MADE_ANEW.has(name) || isOwnToOneResponse(name)) continue
    if (name === 'content-encoding') {
      if (encoding === undefined) return null
      continue
    }
    ofMiddleware[name] = value
  }
  return ofMiddleware
}

const MADE_ANEW: ReadonlySet<string> = new Set(['age', 'etag'])
