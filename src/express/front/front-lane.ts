import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Request, Response } from 'express'
import { isUnchanged } from '../../http/conditions.js'
import { decodeOnce, type Representation } from '../../http/representation.js'
import { headOfUnmodified } from '../../http/response-head.js'
import type { CacheableRule } from '../../rules/rule.js'
import { knownOptions, shown, wrongOption } from '../../tools/check-values.js'
import { tellGuarded } from '../../tools/guarded.js'
import type { HitLearner, MiddlewareContext } from '../context.js'
import { keepPrefetched } from '../read/prefetched-lookup.js'
import { readOptionsOf } from '../read/read-options.js'
import { reloadIfDue } from '../read/reload.js'
import { type LearnedUrl, LearnedUrls } from './learned-urls.js'
import { type PreparedAnswer, PreparedAnswers } from './prepared-answer.js'

/** Options of `cache.front()`. */
export interface FrontOptions {
  /** Names of cookies that no answer depends on, such as those of statistics. Any other keeps a request off. */
  readonly harmlessCookies?: readonly string[]
  /**
   * What middleware reads of requests though no answer depends on it, such as for a log: names of headers, and `address`
   * for the client's.
   */
  readonly harmlessReads?: readonly string[]
  /** Gets each answer, since nothing that is mounted in the application hears of it: no access log, no metrics. */
  readonly onFrontHit?: (req: IncomingMessage, hit: FrontHit) => void
}

/** An answer that the application has not seen. */
export interface FrontHit {
  readonly key: string
  readonly status: number
}

interface Hit {
  readonly answer: Representation
  readonly remainingMs: number
  readonly startedAt: number
}

const WHERE = 'cache.front()'
const KNOWN: ReadonlySet<string> = new Set<keyof FrontOptions>([
  'harmlessCookies',
  'harmlessReads',
  'onFrontHit',
])

type FrontContext = Pick<MiddlewareContext, 'engine' | 'emit' | 'loadMs' | 'recentAnswers'>

/** Answers hits ahead of an application, which then costs nothing. */
export class FrontLane implements HitLearner {
  readonly #app: RequestListener
  readonly #context: FrontContext
  readonly #onFrontHit: FrontOptions['onFrontHit']
  readonly #learnedUrls: LearnedUrls
  readonly #prepared = new PreparedAnswers()

  /** @throws CacheError `E_CACHE_OPTION`. */
  constructor(app: RequestListener, context: FrontContext, options: FrontOptions = {}) {
    checkOptions(options)
    this.#app = app
    this.#context = context
    this.#onFrontHit = options.onFrontHit
    this.#learnedUrls = new LearnedUrls(options.harmlessCookies ?? [], options.harmlessReads ?? [])
  }

  readonly listener: RequestListener = (req, res) => {
    const startedAt = performance.now()
    const learned = this.#learnedUrls.find(req, startedAt)
    if (learned && this.#answerLocal(req, res, learned, startedAt)) return
    if (learned && req.method === 'GET') void this.#answer(req, res, learned, startedAt)
    else {
      if (!learned) this.#learnedUrls.watch(req)
      this.#app(req, res)
    }
  }

  /** Learns from a hit that goes through the application. */
  learn(rule: CacheableRule, key: string, req: Request, res: Response, stored: Representation): void {
    this.#learnedUrls.learn(rule, key, req, res, stored)
  }

  /** Answers from what this process holds itself. @returns Whether it has. */
  #answerLocal(req: IncomingMessage, res: ServerResponse, learned: LearnedUrl, startedAt: number): boolean {
    const found = this.#context.engine.hit(learned.key, learned.rule.graceMs)
    const answer = found && decodeOnce(found.value)
    if (!answer) return false
    return this.#send(req, res, learned, { answer, remainingMs: found.remainingMs, startedAt })
  }

  /** Answers from the store, or lets the application answer, which need not read the store once more. */
  async #answer(
    req: IncomingMessage,
    res: ServerResponse,
    learned: LearnedUrl,
    startedAt: number,
  ): Promise<void> {
    const { rule, key } = learned
    const reading = await this.#context.engine.read(key, readOptionsOf(rule, 'normal'))
    if (reading.kind === 'hit') {
      const answer = this.#context.recentAnswers.decode(key, reading.value)
      const { remainingMs } = reading
      if (answer && this.#send(req, res, learned, { answer, remainingMs, startedAt })) return
    }
    keepPrefetched(req, res, key, reading)
    this.#app(req, res)
  }

  /** @returns Whether it could: not where a function of the application has failed, which is the application's to tell. */
  #send(
    req: IncomingMessage,
    res: ServerResponse,
    learned: LearnedUrl,
    { answer, remainingMs, startedAt }: Hit,
  ): boolean {
    const { rule, key } = learned
    const prepared = this.#prepare(req, learned, answer, remainingMs - rule.graceMs)
    if (!prepared) return false
    const status = send(req, res, answer.status, prepared)
    this.#context.emit({ type: 'hit', rule, key, ms: performance.now() - startedAt })
    if (this.#onFrontHit) tellGuarded('onFrontHit', this.#onFrontHit, req, { key, status })
    reloadIfDue(this.#context, { rule, key, remainingMs }, this.#app, req)
    return true
  }

  #prepare(
    req: IncomingMessage,
    learned: LearnedUrl,
    answer: Representation,
    freshForMs: number,
  ): PreparedAnswer | undefined {
    try {
      return this.#prepared.prepare(req, learned, answer, freshForMs)
    } catch {
      return undefined
    }
  }
}

function checkOptions(options: FrontOptions): void {
  knownOptions(WHERE, options, KNOWN, `Write cache.front(app, { harmlessCookies: ['_stats'] }).`)
  const { harmlessCookies = [], harmlessReads = [], onFrontHit = () => {} } = options
  checkNames('harmlessCookies', harmlessCookies, `Give names of cookies, such as ['_stats'].`)
  checkNames(
    'harmlessReads',
    harmlessReads,
    `Give names of headers, or 'address', as in ['user-agent', 'address'].`,
  )
  if (typeof onFrontHit !== 'function') {
    throw wrongOption(WHERE, `onFrontHit is ${shown(onFrontHit)}`, 'Give a function.')
  }
}

function checkNames(option: string, names: unknown, mend: string): void {
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return
  throw wrongOption(WHERE, `${option} is no list of names`, mend)
}

/** @returns The status. */
function send(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  { head, fields, body }: PreparedAnswer,
): number {
  if (isUnchanged(req.headers, status, (name) => head[name === 'etag' ? 'ETag' : name])) {
    res.writeHead(304, headOfUnmodified(head)).end()
    return 304
  }
  res.writeHead(status, fields).end(req.method === 'HEAD' ? undefined : body, 'latin1')
  return status
}
