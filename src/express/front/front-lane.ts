import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Request, Response } from 'express'
import { fitFor } from '../../http/at-rest.js'
import { isUnchanged } from '../../http/conditions.js'
import type { Representation } from '../../http/representation.js'
import { headOfUnmodified, ownHead } from '../../http/response-head.js'
import { decodeOnce } from '../../http/stored-bytes.js'
import type { CacheableRule } from '../../rules/rule.js'
import { knownOptions, shown, wrongOption } from '../../tools/check-values.js'
import { tellGuarded } from '../../tools/guarded.js'
import { onceKnown } from '../../tools/once-known.js'
import type { HitLearner, MiddlewareContext } from '../context.js'
import { auditHit } from '../read/audited-request.js'
import { keepPrefetched } from '../read/prefetched-lookup.js'
import { readOptionsOf } from '../read/read-options.js'
import { reloadIfDue } from '../read/reload.js'
import { WholeAnswers } from '../response/whole-answers.js'
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

/** What of a request could not be answered at once. */
interface Unanswered {
  /** Whether it is answered yet from what this process holds. */
  readonly local: false | Promise<boolean>
  readonly startedAt: number
  readonly goOn: () => void
}

const WHERE = 'cache.front()'
const KNOWN: ReadonlySet<string> = new Set<keyof FrontOptions>([
  'harmlessCookies',
  'harmlessReads',
  'onFrontHit',
])

type FrontContext = Pick<
  MiddlewareContext,
  'auditor' | 'auditPasses' | 'engine' | 'emit' | 'leaseMs' | 'loadMs' | 'maxBodyBytes' | 'recentAnswers'
>

/** Answers hits ahead of an application, which then costs nothing. */
export class FrontLane implements HitLearner {
  readonly #app: RequestListener
  readonly #context: FrontContext
  readonly #onFrontHit: FrontOptions['onFrontHit']
  readonly #learnedUrls: LearnedUrls
  readonly #prepared = new PreparedAnswers()
  readonly #whole = new WholeAnswers<PreparedAnswer>()

  /** @throws CacheError `E_CACHE_OPTION`. */
  constructor(app: RequestListener, context: FrontContext, options: FrontOptions = {}) {
    checkOptions(options)
    this.#app = app
    this.#context = context
    this.#onFrontHit = options.onFrontHit
    this.#learnedUrls = new LearnedUrls(options.harmlessCookies ?? [], options.harmlessReads ?? [])
  }

  /** As the application's own listener would be, it is called on the server. */
  get listener(): RequestListener {
    const lane = this
    return function front(this: unknown, req, res) {
      lane.#listen(req, res, () => Reflect.apply(lane.#app, this, [req, res]))
    }
  }

  #listen(req: IncomingMessage, res: ServerResponse, goOn: () => void): void {
    const { auditPasses } = this.#context
    if (auditPasses.areOpen && auditPasses.admits(req.headers)) {
      goOn()
      return
    }
    const startedAt = performance.now()
    const learned = this.#learnedUrls.find(req, res, startedAt)
    if (!learned) {
      this.#learnedUrls.watch(req, res, this.#context.maxBodyBytes)
      goOn()
      return
    }
    const local = this.#answerLocal(req, res, learned, startedAt)
    if (local === true) return
    if (local === false && req.method !== 'GET') goOn()
    else void this.#answer(req, res, learned, { local, startedAt, goOn })
  }

  /** Whatever it has learned it learns again. */
  forget(): void {
    this.#learnedUrls.clear()
    this.#whole.clear()
  }

  /** Learns from a hit that goes through the application. */
  learn(rule: CacheableRule, key: string, req: Request, res: Response, stored: Representation): void {
    this.#learnedUrls.learn(rule, key, req, res, stored)
  }

  /** Answers from what this process holds itself. @returns Whether it has; at once, unless it has to unpack. */
  #answerLocal(
    req: IncomingMessage,
    res: ServerResponse,
    learned: LearnedUrl,
    startedAt: number,
  ): boolean | Promise<boolean> {
    const found = this.#context.engine.hit(learned.key, learned.rule.graceMs)
    if (!found) return false
    return onceKnown(
      this.#foundAnswer(req, learned, decodeOnce(found.value)),
      (answer) =>
        answer !== null &&
        this.#send(req, res, learned, { answer, remainingMs: found.remainingMs, startedAt }),
    )
  }

  /** Answers from here, or lets the application answer, which need not read the store once more. */
  async #answer(
    req: IncomingMessage,
    res: ServerResponse,
    learned: LearnedUrl,
    { local, startedAt, goOn }: Unanswered,
  ): Promise<void> {
    if (local && (await local)) return
    if (req.method === 'GET' && (await this.#answerFromStore(req, res, learned, startedAt))) return
    goOn()
  }

  async #answerFromStore(
    req: IncomingMessage,
    res: ServerResponse,
    learned: LearnedUrl,
    startedAt: number,
  ): Promise<boolean> {
    const { rule, key } = learned
    const { engine, recentAnswers } = this.#context
    const reading = await engine.read(key, readOptionsOf(rule, 'normal'))
    if (reading.kind === 'hit') {
      const found = this.#foundAnswer(req, learned, recentAnswers.decode(key, reading.value))
      const answer = found instanceof Promise ? await found : found
      const { remainingMs } = reading
      if (answer && this.#send(req, res, learned, { answer, remainingMs, startedAt })) return true
    }
    keepPrefetched(req, res, key, reading)
    return false
  }

  #foundAnswer(
    { headers }: IncomingMessage,
    { rule, makeTag }: LearnedUrl,
    decoded: Representation | null,
  ): Representation | null | Promise<Representation | null> {
    if (!decoded || !rule.statuses.has(decoded.status)) return null
    // What it was built on is for the application to compare.
    for (const _name in decoded.builtOn) return null
    const { maxBodyBytes: maxBytes } = this.#context
    return fitFor(decoded, { acceptEncoding: headers['accept-encoding'], makeTag, maxBytes })
  }

  /** @returns Whether it could: what throws before anything has left is the application's to answer. */
  #send(
    req: IncomingMessage,
    res: ServerResponse,
    learned: LearnedUrl,
    { answer, remainingMs, startedAt }: Hit,
  ): boolean {
    const { rule, key } = learned
    const ttlMs = remainingMs - rule.graceMs
    let status: number
    try {
      removeAhead(res, learned)
      status = this.#sendPrepared(req, res, answer.status, this.#prepared.prepare(learned, answer, ttlMs))
    } catch (error) {
      if (res.headersSent) throw error
      res.statusCode = 200
      return false
    }
    const ms = performance.now() - startedAt
    this.#context.emit({ type: 'hit', rule, key, ms, bytes: answer.body.length, ttlMs })
    if (this.#onFrontHit) tellGuarded('onFrontHit', this.#onFrontHit, req, { key, status })
    reloadIfDue(this.#context, { rule, key, remainingMs }, this.#app, req)
    const { auditor } = this.#context
    if (auditor?.isSampled()) auditHit(auditor, this.#context, { rule, key, answer, app: this.#app, req })
    return true
  }

  /** @returns The status. */
  #sendPrepared(req: IncomingMessage, res: ServerResponse, status: number, prepared: PreparedAnswer): number {
    const { head, fields, body } = prepared
    if (isUnchanged(req.headers, status, (name) => head[name === 'etag' ? 'ETag' : name])) {
      res.writeHead(304, headOfUnmodified(head))
      res.end()
      return 304
    }
    if (req.method === 'GET') {
      this.#whole.send(res, prepared, { status, head, fields, body })
      return status
    }
    // In two calls: whatever somebody has put on `writeHead` may return nothing.
    res.writeHead(status, ownHead(head))
    res.end()
    return status
  }
}

/** Takes away what was set ahead of the application and is not on its answers, or comes from the route there. */
function removeAhead(res: ServerResponse, { ahead, frame }: LearnedUrl): void {
  for (const name in ahead.headers) {
    if (!Object.hasOwn(frame.headers, name)) res.removeHeader(name)
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
