import type { ServerResponse } from 'node:http'
import { realTime } from '../../tools/real-time.js'
import { setMethod } from '../../tools/set-method.js'
import { isAnswered } from '../response/answered.js'
import { BodyCopy, bodyArguments, takesNoMore } from '../response/body-copy.js'
import { type AnswerHead, headersNow, onFinalHead } from '../response/final-head.js'
import { onClosed } from '../response/on-closed.js'
import { HeldBytes, type Holder } from './held-bytes.js'
import { holdEnd } from './hold-end.js'

/** What a held answer waits for. */
export interface Settlement {
  /** Whether `settle` wants to see the body. */
  readonly wantsBody: boolean
  /** Answers larger than this are not kept back any longer than it takes to settle what is known by then. */
  readonly maxBytes: number
  /** How long after its connection has closed a handler may still be at work that gives no sign of its end. */
  readonly lateMs: number
  /**
   * Does what has to be done before an answer leaves. Called once in most cases, and again where the handler may have
   * gone on: at the end of an answer that was too large, and after the connection has closed.
   *
   * @param body - `null` if it is not wanted, or not whole.
   * @param isOver - Whether the handler is taken to have done all that it will: there is no later call for it.
   * @returns A field to add to the head if it has not left; `undefined` if there is nothing to wait for.
   */
  settle(head: AnswerHead, body: Buffer | null, isOver: boolean): Promise<Field | undefined> | undefined
}

/** A field of a head. */
export type Field = readonly [name: string, value: string]

/** Told by whoever knows when a handler is done. */
export interface HeldResponse {
  /** What a handler committed after its client had gone is settled too. */
  handlerDone(): void
}

/**
 * Keeps an answer back until `settle` has resolved: nothing of it leaves before, neither head nor body. The response is
 * Node's own all the while; see `HeldBytes`.
 *
 * It is settled when the handler has ended it, or when its connection closes, whichever is first.
 */
export function holdResponse(res: ServerResponse, settlement: Settlement): HeldResponse {
  const hold = new ResponseHold(res, settlement)
  hold.begin()
  return hold
}

class ResponseHold implements HeldResponse, Holder {
  readonly maxBytes: number
  readonly #res: ServerResponse
  readonly #settlement: Settlement
  readonly #bytes: HeldBytes | undefined
  readonly #body: BodyCopy | undefined
  #head: AnswerHead | undefined
  #isEnded = false
  #isClosed = false
  #isHungUp = false
  #hasLetGo = false
  /** How many settlements the answer waits for. */
  #pending = 0
  #lateTimer: NodeJS.Timeout | undefined

  constructor(res: ServerResponse, settlement: Settlement) {
    this.#res = res
    this.#settlement = settlement
    this.maxBytes = settlement.maxBytes
    // An answer that was given in front has left, and its write is settled all the same.
    if (HeldBytes.canHold(res) && !isAnswered(res)) this.#bytes = HeldBytes.of(res)
    if (settlement.wantsBody) this.#body = new BodyCopy(settlement.maxBytes)
  }

  begin(): void {
    const res = this.#res
    this.#bytes?.hold(this)
    onFinalHead(res, (head) => {
      this.#head = head
      // What has failed has changed nothing, and waits for nothing.
      if (head.status >= 400) this.#bytes?.release(this)
    })
    if (this.#body) this.#copyWrites(this.#body)
    if (this.#bytes || isAnswered(res)) this.#watchEnd()
    else holdEnd(res, (body) => this.#commit(body, true), this.#body)
    if (res.closed) this.#close()
    else onClosed(res, () => this.#close())
  }

  handlerDone(): void {
    if (this.#isClosed) this.#settleLate()
  }

  full(): void {
    if (this.#hasLetGo) return
    this.#hasLetGo = true
    // Not within the write that was too much, whose writer is to be told first that it is.
    realTime.queueMicrotask(() => this.#settle(null, false))
  }

  hangingUp(): void {
    if (this.#isEnded || this.#isHungUp) return
    this.#isHungUp = true
    this.#settle(null, false)
  }

  ended(): void {
    this.#end(null)
  }

  #copyWrites(copy: BodyCopy): void {
    const res = this.#res
    const { write } = res
    setMethod(res, 'write', function copyWrite(this: ServerResponse, ...args: unknown[]) {
      const isRefused = takesNoMore(res)
      const isTaken = Reflect.apply(write, this, args)
      if (!isRefused) copy.add(args[0], args[1])
      return isTaken
    } as typeof res.write)
  }

  #watchEnd(): void {
    const res = this.#res
    const { end } = res
    const ended = (chunk: unknown, encoding: unknown): void => {
      this.#body?.add(chunk, encoding)
      this.#end(this.#body && !this.#body.isTooLarge ? this.#body.take() : null)
    }
    const nativeEnd = (self: ServerResponse, args: unknown[]): unknown => {
      if (!this.#hasLetGo || this.#isEnded) return Reflect.apply(end, self, args)
      // What the handler has committed since is settled before the last of the answer leaves.
      this.#bytes?.hold(this)
      try {
        return Reflect.apply(end, self, args)
      } catch (error) {
        this.#bytes?.release(this)
        throw error
      }
    }
    setMethod(res, 'end', function watchEnd(this: ServerResponse, ...args: unknown[]) {
      const result = nativeEnd(this, args)
      const { chunk, encoding } = bodyArguments(args)
      ended(chunk, encoding)
      return result
    } as typeof res.end)
  }

  #end(body: Buffer | null): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (this.#isClosed) this.#settleLate()
    else this.#settle(body, true)
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#isEnded) return
    this.#settle(null, false)
    this.#lateTimer = realTime.setTimeout(() => this.#settleLate(), this.#settlement.lateMs)
    this.#lateTimer.unref()
  }

  #settleLate(): void {
    realTime.clearTimeout(this.#lateTimer)
    this.#settle(null, true)
  }

  #settle(body: Buffer | null, isOver: boolean): void {
    const settled = this.#commit(body, isOver)
    if (!settled) {
      if (this.#pending === 0) this.#bytes?.release(this)
      return
    }
    this.#pending += 1
    void settled.then((field) => {
      this.#pending -= 1
      if (field) this.#bytes?.addField(...field)
      if (this.#pending === 0) this.#bytes?.release(this)
    })
  }

  /** Never rejects: a mistake in a rule is not to keep an answer from its client. */
  #commit(body: Buffer | null, isOver: boolean): Promise<Field | undefined> | undefined {
    const head = this.#head ?? { status: this.#res.statusCode, headers: headersNow(this.#res) }
    return this.#settlement.settle(head, body, isOver)?.catch((error: unknown) => {
      process.emitWarning(error instanceof Error ? error : String(error), 'ExpressCacheableWarning')
      return undefined
    })
  }
}
