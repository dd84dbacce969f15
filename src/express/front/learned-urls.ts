import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Request, Response } from 'express'
import { LRUCache } from 'lru-cache'
import type { TagMaker } from '../../http/etag.js'
import { isForOneOrigin, isOwnToOneResponse } from '../../http/replayable-headers.js'
import type { Representation } from '../../http/representation.js'
import { hasBody } from '../../http/request-policy.js'
import type { Head } from '../../http/response-head.js'
import type { PlaceholderSource } from '../../keys/template.js'
import type { CacheableRule } from '../../rules/rule.js'
import type { HitLearner } from '../context.js'
import { tagMakerOf } from '../tag-maker.js'

/** What follows from a URL, once two answers have agreed on it. */
export interface LearnedUrl {
  readonly rule: CacheableRule
  readonly key: string
  /** The headers that are not the stored answer's: what middleware before the route sets. */
  readonly middlewareHeaders: Head
  readonly makeTag: TagMaker
}

interface Observation extends LearnedUrl {
  /** The middleware's headers as text, to compare. */
  readonly headersText: string
  readonly isAgreed: boolean
}

/** How much is remembered of URLs, and how long one may be. */
const MAX_BYTES = 8 * 1024 * 1024
const LONGEST_URL = 2_048
/** Roughly what is remembered beside the URL. */
const ENTRY_BYTES = 600
/** Placeholders whose values are in the URL. */
const OF_URL: ReadonlySet<PlaceholderSource> = new Set(['bare', 'params', 'query'])

/**
 * Learns from hits that go through the application which URL means which key, and what headers middleware puts on
 * them. It believes that once two such hits in a row agree.
 */
export class LearnedUrls implements HitLearner {
  readonly #harmlessCookies: ReadonlySet<string>
  readonly #byUrl = new LRUCache<string, Observation>({
    maxSize: MAX_BYTES,
    sizeCalculation: (_observation, url) => ENTRY_BYTES + 2 * url.length,
  })

  constructor(harmlessCookies: readonly string[]) {
    this.#harmlessCookies = new Set(harmlessCookies)
  }

  /** What is known of a request's URL, if nothing else in the request could matter to the answer. */
  find(req: IncomingMessage): LearnedUrl | undefined {
    if (!this.#isAnonymous(req)) return undefined
    const observation = this.#byUrl.get(urlOf(req, req.url ?? ''))
    return observation?.isAgreed ? observation : undefined
  }

  /** Learns once the head is complete. */
  learn(rule: CacheableRule, key: string, req: Request, res: Response, stored: Representation): void {
    if (!dependsOnUrlAlone(rule) || !this.#isAnonymous(req)) return
    const url = urlOf(req, req.originalUrl)
    if (url.length > LONGEST_URL || this.#byUrl.get(url)?.isAgreed) return
    res.once('finish', () => {
      if (res.statusCode !== stored.status) return
      const middlewareHeaders = middlewareHeadersOf(res.getHeaders(), stored)
      if (!middlewareHeaders) {
        this.#byUrl.delete(url)
        return
      }
      const headersText = JSON.stringify(middlewareHeaders)
      const before = this.#byUrl.get(url)
      const isAgreed = before !== undefined && before.key === key && before.headersText === headersText
      this.#byUrl.set(url, {
        ...{ rule, key, middlewareHeaders, headersText, isAgreed },
        makeTag: tagMakerOf(res),
      })
    })
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
    return cookies.split(';').every((cookie) => {
      const [name = ''] = cookie.split('=')
      return this.#harmlessCookies.has(name.trim())
    })
  }
}

/** Whether an answer depends on nothing but the URL, as far as a rule can tell. */
function dependsOnUrlAlone({
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
function middlewareHeadersOf(
  all: Readonly<OutgoingHttpHeaders>,
  { headers: stored, encoding }: Representation,
): Head | null {
  const ofMiddleware: OutgoingHttpHeaders = {}
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
    ofMiddleware[name] = value
  }
  return ofMiddleware
}

const MADE_ANEW: ReadonlySet<string> = new Set(['age', 'etag'])
