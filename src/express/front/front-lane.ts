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
import { prepareAnswer } from './prepared-answer.js'

/** Options of `cache.front()`. */
export interface FrontOptions {
  /** Names of cookies that no answer depends on, such as those of statistics. Any other keeps a request off. */
  readonly harmlessCookies?: readonly string[]
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
const KNOWN: ReadonlySet<string> = new Set<keyof FrontOptions>(['harmlessCookies', 'onFrontHit'])

type FrontContext = Pick<MiddlewareContext, 'engine' | 'emit' | 'loadMs' | 'recentAnswers'>

/** Answers hits ahead of an application, which then costs nothing. */
export class FrontLane implements HitLearner {
  readonly #app: RequestListener
  readonly #context: FrontContext
  readonly #onFrontHit: FrontOptions['onFrontHit']
  readonly #learnedUrls: LearnedUrls

  /** @throws CacheError `E_CACHE_OPTION`. */
  constructor(app: RequestListener, context: FrontContext, options: FrontOptions = {}) {
    checkOptions(options)
    this.#app = app
    this.#context = context
    this.#onFrontHit = options.onFrontHit
    this.#learnedUrls = new LearnedUrls(options.harmlessCookies ?? [])
  }

  readonly listener: RequestListener = (req, res) => {
    const learned = this.#learnedUrls.find(req)
    if (learned && this.#answerLocal(req, res, learned)) return
    if (learned && req.method === 'GET') void this.#answer(req, res, learned)
    else this.#app(req, res)
  }

  /** Learns from a hit that goes through the application. */
  learn(rule: CacheableRule, key: string, req: Request, res: Response, stored: Representation): void {
    this.#learnedUrls.learn(rule, key, req, res, stored)
  }

  /** Answers from what this process holds itself. @returns Whether it has. */
  #answerLocal(req: IncomingMessage, res: ServerResponse, learned: LearnedUrl): boolean {
    const startedAt = performance.now()
    const found = this.#context.engine.hit(learned.key, learned.rule.graceMs)
    const answer = found && decodeOnce(found.value)
    if (!answer) return false
    this.#send(req, res, learned, { answer, remainingMs: found.remainingMs, startedAt })
    return true
  }

  /** Answers from the store, or lets the application answer, which need not read the store once more. */
  async #answer(req: IncomingMessage, res: ServerResponse, learned: LearnedUrl): Promise<void> {
    const startedAt = performance.now()
    const { rule, key } = learned
    const reading = await this.#context.engine.read(key, readOptionsOf(rule, 'normal'))
    if (reading.kind === 'hit') {
      const answer = this.#context.recentAnswers.decode(key, reading.value)
      if (answer) {
        this.#send(req, res, learned, { answer, remainingMs: reading.remainingMs, startedAt })
        return
      }
    }
    keepPrefetched(req, res, key, reading)
    this.#app(req, res)
  }

  #send(
    req: IncomingMessage,
    res: ServerResponse,
    learned: LearnedUrl,
    { answer, remainingMs, startedAt }: Hit,
  ): void {
    const { rule, key } = learned
    const status = send(req, res, learned, answer, remainingMs - rule.graceMs)
    this.#context.emit({ type: 'hit', rule, key, ms: performance.now() - startedAt })
    if (this.#onFrontHit) tellGuarded('onFrontHit', this.#onFrontHit, req, { key, status })
    reloadIfDue(this.#context, { rule, key, remainingMs }, this.#app, req)
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

/** @returns The status. */
function send(
  req: IncomingMessage,
  res: ServerResponse,
  learned: LearnedUrl,
  stored: Representation,
  freshForMs: number,
): number {
  const { status } = stored
  const { head, fields, body } = prepareAnswer(req, learned, stored, freshForMs)
  if (isUnchanged(req.headers, status, (name) => head[name === 'etag' ? 'ETag' : name])) {
    res.writeHead(304, headOfUnmodified(head)).end()
    return 304
  }
  res.writeHead(status, fields).end(req.method === 'HEAD' ? undefined : body, 'latin1')
  return status
}
