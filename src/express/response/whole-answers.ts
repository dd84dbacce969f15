import { type OutgoingHttpHeader, ServerResponse } from 'node:http'
import { type Head, ownHead } from '../../http/response-head.js'
import { TEXT_BYTES } from '../../http/sent-bodies.js'

/** What Node keeps of a response beside what is documented. */
interface Internals {
  _header?: string | null
  _headerSent?: boolean
  readonly _hasBody?: boolean
  readonly _send?: unknown
  readonly _storeHeader?: unknown
  readonly _defaultKeepAlive?: boolean
  readonly _expect_continue?: boolean
  readonly _keepAliveTimeout?: number
  readonly _maxRequestsPerSocket?: number
  readonly _removedConnection?: boolean
  readonly maxRequestsOnConnectionReached?: boolean
}

type NodesResponse = ServerResponse & Internals

/** An answer to be sent whole, its head in two forms. */
interface WholeAnswer {
  readonly status: number
  readonly head: Head
  readonly fields: OutgoingHttpHeader[]
  readonly body: Buffer | string
}

/** What Node has written for an answer in this second. */
interface Written {
  /** As Node has written it. */
  readonly head: string
  readonly message: string
  /** The head says it, and it depends on the server. */
  readonly keepAliveMs: number | undefined
  /** Head and body in one piece, once it has been sent again; a text has the bytes as its characters (Latin-1). */
  bytes?: Buffer | string
}

const NODES: Internals & Pick<ServerResponse, 'writeHead' | 'write' | 'end'> = ServerResponse.prototype
const { writeHead, write, end, _storeHeader, _send } = NODES

/** What each has in all versions of Node in which a head that is there already is sent as it is: 20 to 26. */
const IN_NODE: readonly (readonly [method: unknown, text: string])[] = [
  [writeHead, 'this._storeHeader('],
  [_storeHeader, 'this._header = header'],
  [_send, 'this._headerSent'],
  [write, 'write_('],
  [end, 'write_('],
]

/** Not where somebody has put something in front of what Node does before this was loaded, as an agent for traces may. */
const IS_NODE = IN_NODE.every(
  ([method, text]) => typeof method === 'function' && String(method).includes(text),
)

/** Beyond it, to copy a body each second costs more than it saves. */
const MOST_BODY_BYTES = 32 * 1024
const MAX_BYTES = 8 * 1024 * 1024
/** Roughly what is kept beside heads and bodies. */
const ENTRY_BYTES = 300

/**
 * Answers that are sent again within a second: with the same head and body as before they leave in one piece, which
 * Node sends faster than two.
 *
 * @typeParam Key - What stands for an answer, or its body.
 */
export class WholeAnswers<Key extends object> {
  readonly #now: () => number
  #second = 0
  #bytes = 0
  #written = new Map<Key, Written>()
  /** Most answers are sent once, so what has not been sent before is not kept. */
  #sent = new WeakSet<Key>()

  /** @param now - Epoch milliseconds. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * Sends an answer. Where Node would write the same head as before, it need not write it again, which takes it as long
   * as to find the answer: in the same second, on a connection that stays open, and on a response on which nobody has
   * set or put anything.
   *
   * @param answer.fields - All of the head in the form that Node needs not look at; what others have put on `writeHead`
   *   may not know it.
   * @param answer.body - A text has the bytes as its characters (Latin-1).
   */
  send(res: NodesResponse, key: Key, { status, head, fields, body }: WholeAnswer): void {
    const isAsNew = body.length <= MOST_BODY_BYTES && isNodesOwn(res) && isUnmarked(res)
    const before = isAsNew ? this.#writtenFor(key) : undefined
    if (before && before.keepAliveMs === res._keepAliveTimeout) {
      const bytes = this.#wholeOf(before, body)
      if (bytes !== undefined) {
        res.statusCode = status
        res.statusMessage = before.message
        res._header = before.head
        endWhole(res, bytes)
        return
      }
    }
    if (IS_NODE && res.writeHead === writeHead) res.writeHead(status, fields)
    else res.writeHead(status, ownHead(head))
    if (isAsNew && this.#isOfThisSecond(res)) this.#note(key, res, body)
    if (endsAsNode(res)) res.end(body, 'latin1')
    else res.end(typeof body === 'string' ? Buffer.from(body, 'latin1') : Buffer.from(body))
  }

  /** Sends a body behind a head that has been written. @returns Whether it has: in one piece, as the one before. */
  endWritten(res: NodesResponse, key: Key, body: Buffer): boolean {
    if (body.length > MOST_BODY_BYTES || !isNodesOwn(res) || !isToBeSent(res)) return false
    const before = this.#writtenFor(key)
    const bytes = before?.head === res._header ? this.#wholeOf(before as Written, body) : undefined
    if (bytes === undefined) this.#note(key, res, body)
    else endWhole(res, bytes)
    return bytes !== undefined
  }

  /** Forgets all. */
  clear(): void {
    this.#begin()
    this.#sent = new WeakSet()
  }

  #begin(): void {
    this.#bytes = 0
    this.#written = new Map()
  }

  #writtenFor(key: Key): Written | undefined {
    const second = Math.floor(this.#now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#begin()
    }
    return this.#written.get(key)
  }

  #note(key: Key, res: NodesResponse, body: Buffer | string): void {
    if (!this.#sent.has(key)) {
      this.#sent.add(key)
      return
    }
    const { _header: head, _keepAliveTimeout: keepAliveMs, statusMessage: message } = res
    if (head && this.#takeRoom(head, body)) this.#written.set(key, { head, message, keepAliveMs })
  }

  /** Node notices late that a second has begun where the process is busy. */
  #isOfThisSecond({ _header: head }: NodesResponse): boolean {
    return Boolean(head?.includes(`\r\nDate: ${new Date(this.#second * 1_000).toUTCString()}\r\n`))
  }

  #wholeOf(written: Written, body: Buffer | string): Buffer | string | undefined {
    if (written.bytes === undefined && body.length > 0 && this.#takeRoom(written.head, body)) {
      written.bytes = inOnePiece(written.head, body)
    }
    return written.bytes
  }

  #takeRoom(head: string, body: Buffer | string): boolean {
    const size = ENTRY_BYTES + head.length + body.length
    if (this.#bytes + size > MAX_BYTES) return false
    this.#bytes += size
    return true
  }
}

/** Whether nobody has put anything on `end`, who might look at the bytes and not at the encoding, or write into them. */
export function endsAsNode(res: ServerResponse): boolean {
  return IS_NODE && res.end === end
}

function endWhole(res: NodesResponse, bytes: Buffer | string): void {
  res._headerSent = true
  res.end(bytes, 'latin1')
}

function isNodesOwn(res: NodesResponse): boolean {
  return endsAsNode(res) && res.write === write && res._send === _send && !res.strictContentLength
}

/** Whether a head has been written, and nothing of it or of a body is on its way. */
function isToBeSent(res: NodesResponse): boolean {
  return res._headerSent === false && res._hasBody === true && !res.chunkedEncoding
}

/** Whether the head that Node writes depends on nothing but the answer, the second, and the server. */
function isUnmarked(res: NodesResponse): boolean {
  return (
    res.writeHead === writeHead &&
    res._storeHeader === _storeHeader &&
    res.shouldKeepAlive &&
    res.sendDate &&
    res.useChunkedEncodingByDefault &&
    res._defaultKeepAlive === true &&
    res._removedConnection === false &&
    !res._maxRequestsPerSocket &&
    !res._expect_continue &&
    !res.maxRequestsOnConnectionReached &&
    res.statusMessage === undefined &&
    res.getHeaderNames().length === 0
  )
}

function inOnePiece(head: string, body: Buffer | string): Buffer | string {
  if (typeof body !== 'string' && body.length > TEXT_BYTES) {
    return Buffer.concat([Buffer.from(head, 'latin1'), body])
  }
  // V8 keeps a text that is put together as its parts until somebody needs it whole.
  return Buffer.from(head + body.toString('latin1'), 'latin1').toString('latin1')
}
