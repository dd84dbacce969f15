import type { OutgoingHttpHeaders } from 'node:http'
import type { Response } from 'express'
import { textOf } from '../../http/field-values.js'
import { headOfUnmodified } from '../../http/response-head.js'
import { realTime } from '../../tools/real-time.js'
import { setMethod } from '../../tools/set-method.js'
import { isAnswered } from '../response/answered.js'
import { BodyCopy, bodyArguments, isChunk, takesNoMore } from '../response/body-copy.js'
import { removeBodyHeaders } from '../response/body-headers.js'
import {
  type AnswerHead,
  givenFields,
  headersNow,
  headOf,
  lastOfRepeated,
  onFinalHead,
} from '../response/final-head.js'
import { onClosed } from '../response/on-closed.js'

/** What becomes of an answer that the handler gives in one go. */
export interface Whole {
  /** What to send in place of the body, if something else. */
  readonly body?: Buffer | undefined
  /** Whether the client has the answer already. */
  readonly isUnmodified?: boolean
  /** Whether nothing of it is to be kept. */
  readonly isOver?: boolean
}

/** What is told of an answer on its way. `complete` or `lost` comes once, unless another hook has said that it is over. */
export interface RecordingHooks {
  /**
   * The handler answers in one go, and no head has been written down: it may be changed.
   *
   * @param isAsGiven - Whether nothing behind the cache can have changed the body since it was handed to `end`.
   */
  whole(head: AnswerHead, body: Buffer, isAsGiven: boolean): Whole
  /**
   * A head passes the place of the cache: after the hooks of middleware behind, and before those of middleware in
   * front. Returns whether the client has the answer already, so that 304 is sent in its place.
   */
  passing(head: AnswerHead): boolean
  /**
   * Nobody changes the head any more, but for this. Returns whether the answer is still to be kept.
   *
   * @param route - The head as it passed the place of the cache; what was added since is not the route's.
   * @param whole - The body, if it is known.
   */
  decided(route: AnswerHead, final: AnswerHead, whole: Buffer | undefined): boolean
  /** All of it has been handed to Node; it may be long until the client has it. */
  complete(body: Buffer): void
  /** There is nothing to keep. */
  lost(reason: 'aborted' | 'too large' | 'left the route' | 'unknown encoding'): void
}

/** An answer that is being recorded. */
export interface Recording {
  /** Ends it if it is not complete. */
  leaveRoute(): void
}

/**
 * Lets an answer pass and keeps a copy of what Node has taken of it: every call goes through with its own result, and
 * nothing is kept of one that throws. Beyond `maxBytes` the copy is dropped and the answer goes on.
 *
 * Up to there `write` asks nobody to wait, so that a copy for many does not wait for the one client.
 *
 * Sits closer to the handler than middleware mounted earlier, so it sees bodies before they are compressed.
 */
export function recordResponse(res: Response, maxBytes: number, hooks: RecordingHooks): Recording {
  const recording = new ResponseRecording(res, maxBytes, hooks)
  recording.begin()
  return recording
}

class ResponseRecording implements Recording {
  readonly #res: Response
  readonly #hooks: RecordingHooks
  readonly #copy: BodyCopy
  /** Whether nobody had set a header before the cache did. */
  readonly #isFirstToSet: boolean
  #ownEnd: Response['end'] | undefined
  #route: AnswerHead | undefined
  readonly #setHeader: Response['setHeader']
  /** Of the headers that `writeHead` was given, those of which its arguments do not say what Node makes of them. */
  #unclear: OutgoingHttpHeaders = {}
  #whole: Buffer | undefined
  /** What the handler has given, once it is all. */
  #body: Buffer | undefined
  #isUnmodified = false
  /** Whether the answer is no longer the route's, so that its head is nobody's business here. */
  #isReplaced = false
  #isDecided = false
  #isOver = false

  constructor(res: Response, maxBytes: number, hooks: RecordingHooks) {
    this.#res = res
    this.#hooks = hooks
    this.#copy = new BodyCopy(maxBytes)
    this.#setHeader = res.setHeader
    this.#isFirstToSet = res.getHeaderNames().every((name) => OF_THE_CACHE.has(name))
  }

  begin(): void {
    const res = this.#res
    const { write, end } = res
    const recording = this
    onFinalHead(res, (final) => this.#decide(final))
    const { writeHead } = res
    onClosed(res, () => this.#lose('aborted'))
    setMethod(res, 'writeHead', function passHead(this: Response, ...args: unknown[]) {
      return Reflect.apply(writeHead, this, recording.#passingHead(args))
    } as typeof res.writeHead)
    setMethod(res, 'write', function recordWrite(this: Response, ...args: unknown[]) {
      return recording.#write(args, (own) => Reflect.apply(write, this, own))
    } as typeof res.write)
    const recordEnd = function recordEnd(this: Response, ...args: unknown[]) {
      return recording.#end(args, (own) => Reflect.apply(end, this, own))
    } as typeof res.end
    setMethod(res, 'end', recordEnd)
    this.#ownEnd = recordEnd
  }

  leaveRoute(): void {
    if (isAnswered(this.#res)) return
    this.#isReplaced = true
    this.#lose('left the route')
  }

  #write(args: readonly unknown[], write: (args: readonly unknown[]) => boolean): boolean {
    if (this.#isOver && !this.#isUnmodified) return write(args)
    const { chunk, encoding, callback } = bodyArguments(args)
    if (this.#isUnmodified) {
      this.#add(chunk, encoding)
      if (callback) realTime.nextTick(callback)
      return true
    }
    const isRefused = takesNoMore(this.#res)
    const mayGoOn = write(args)
    if (isRefused) return mayGoOn
    this.#add(chunk, encoding)
    return this.#isOver ? mayGoOn : true
  }

  #end(args: readonly unknown[], end: (args: readonly unknown[]) => unknown): unknown {
    const { chunk, encoding, callback } = bodyArguments(args)
    if (this.#isUnmodified) {
      this.#add(chunk, encoding)
      const result = end([callback])
      this.#finish()
      return result
    }
    const isOfUse = !this.#isOver && !takesNoMore(this.#res) && (!chunk || isChunk(chunk))
    if (!isOfUse) return end(args)
    const isWhole = !isAnswered(this.#res)
    const result = isWhole ? this.#endWhole(args, end) : end(args)
    if (!isWhole) this.#add(chunk, encoding)
    this.#finish()
    return result
  }

  #endWhole(args: readonly unknown[], end: (args: readonly unknown[]) => unknown): unknown {
    const { chunk, encoding, callback } = bodyArguments(args)
    this.#add(chunk, encoding)
    if (this.#isOver) {
      this.#isUnmodified = this.#hooks.passing(new HeadNow(this.#res))
      return end(this.#isUnmodified ? [callback] : args)
    }
    const body = this.#copy.take()
    const isAsGiven = this.#res.end === this.#ownEnd
    const { body: other, isUnmodified, isOver } = this.#hooks.whole(new HeadNow(this.#res), body, isAsGiven)
    this.#isOver = this.#isReplaced = isOver === true
    this.#isUnmodified = isUnmodified === true
    this.#whole = body
    try {
      if (this.#isUnmodified) return end([callback])
      return end(other ? [other, callback] : args)
    } catch (error) {
      // Another answer takes its place.
      this.#whole = undefined
      this.#isUnmodified = false
      throw error
    }
  }

  /** The arguments of `writeHead` as they go on to middleware in front. */
  #passingHead(args: readonly unknown[]): readonly unknown[] {
    const res = this.#res
    if (isAnswered(res)) return args
    if (!this.#isReplaced) {
      this.#route = headOf(res, args)
      this.#unclear = this.#isSetOtherwise ? givenFields(args) : lastOfRepeated(args)
      if (this.#whole === undefined && !this.#isUnmodified)
        this.#isUnmodified = this.#hooks.passing(this.#route)
    }
    if (!this.#isUnmodified) return this.#isFirstToSet ? withoutPairs(args) : args
    removeBodyHeaders(res)
    return [304, headOfUnmodified(givenFields(args))]
  }

  #decide(final: AnswerHead): void {
    if (this.#isOver) return
    this.#isDecided = true
    const route = this.#route ?? final
    for (const [name, last] of Object.entries(this.#unclear)) {
      const made = final.headers[name]
      const isMade = this.#isSetOtherwise && !this.#isUnmodified
      // Some versions of Node, and some middleware in front, take the last value alone.
      if (isMade || textOf(made) === textOf(last)) route.headers[name] = made
    }
    this.#isOver = !this.#hooks.decided(route, final, this.#whole)
    this.#finishIfDone()
  }

  /** Whether middleware behind has put something on `setHeader`, which Node's `writeHead` calls. */
  get #isSetOtherwise(): boolean {
    return this.#res.setHeader !== this.#setHeader
  }

  /** The handler has given all. */
  #finish(): void {
    if (this.#isOver) return
    this.#body = this.#whole ?? this.#copy.take()
    // In another runtime a head may have been written down by other ways.
    if (!this.#isDecided && isAnswered(this.#res)) this.#decide(new HeadNow(this.#res))
    else this.#finishIfDone()
  }

  /** Middleware in front may write the head down later, as a session does once it is saved. */
  #finishIfDone(): void {
    if (this.#isOver || !this.#isDecided || !this.#body) return
    this.#isOver = true
    this.#hooks.complete(this.#body)
  }

  #add(chunk: unknown, encoding: unknown): void {
    if (this.#isOver) return
    // Node may say so only when the turn of a pipelined answer has come.
    if (typeof chunk === 'string' && encoding && !Buffer.isEncoding(String(encoding))) {
      this.#lose('unknown encoding')
      return
    }
    this.#copy.add(chunk, encoding)
    if (this.#copy.isTooLarge) this.#lose('too large')
  }

  #lose(reason: Parameters<RecordingHooks['lost']>[0]): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#copy.take()
    this.#hooks.lost(reason)
  }
}

class HeadNow implements AnswerHead {
  readonly status: number
  readonly #res: Response
  #headers: OutgoingHttpHeaders | undefined

  constructor(res: Response) {
    this.status = res.statusCode
    this.#res = res
  }

  /** Most do not look at them, and a copy takes time. */
  get headers(): OutgoingHttpHeaders {
    this.#headers ??= headersNow(this.#res)
    return this.#headers
  }
}

const OF_THE_CACHE: ReadonlySet<string> = new Set(['x-cache', 'cache-status', 'vary'])

/**
 * A list of pairs as a list of names and values in turn. Node takes the former only for a response without headers of
 * its own, which this one was before the cache set some.
 */
function withoutPairs(args: readonly unknown[]): readonly unknown[] {
  return args.map((arg) => (Array.isArray(arg) && Array.isArray(arg[0]) ? arg.flat() : arg))
}
