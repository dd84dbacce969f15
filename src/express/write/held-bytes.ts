import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { realTime } from '../../tools/real-time.js'
import { setMethod } from '../../tools/set-method.js'
import { withField } from '../response/field-line.js'
import { deferHangUp } from './defer-hang-up.js'

/** What Node 20 to 26 do with the bytes of a response, written down nowhere but in their source. */
interface BufferingResponse extends ServerResponse {
  readonly _header: string | null
  readonly _headerSent: boolean
  /** The bytes of a response whose turn on its connection has not come. */
  readonly outputData: Output[]
  outputSize: number
  _onPendingData(bytes: number): void
  /** Where all bytes of a response pass, to its socket or into `outputData`. */
  _writeRaw(data: Output['data'], encoding?: unknown, callback?: unknown, size?: number): boolean
  /** Sends `outputData`; called when the turn has come. */
  _flush(): void
}

interface SocketOfResponse {
  /** Whose turn it is. */
  _httpMessage?: unknown
}

interface Output {
  data: string | Uint8Array
  readonly encoding: unknown
  readonly callback: unknown
}

/** Who wants the bytes of a response to be held, and is told what becomes of it. */
export interface Holder {
  /** How many bytes are enough. */
  readonly maxBytes: number
  /** More is held than is wanted; what comes is held all the same. */
  full(): void
  /** Somebody means to close the connection, which waits for `release`. */
  hangingUp(): void
  /** Node's own `end` has been called, by whatever way. */
  ended(): void
}

const HELD = new WeakMap<ServerResponse, HeldBytes>()

/**
 * Keeps the bytes of a response back as Node keeps those of a pipelined one: it goes on as always, with its socket, its
 * hooks and its errors, and only what it has written does not leave. Interim answers, such as `100 Continue`, do.
 */
export class HeldBytes {
  readonly #res: BufferingResponse
  readonly #holders = new Set<Holder>()
  /** How many pieces would be on their way by now; a piece of this turn waits in a corked socket. */
  #onTheirWay = 0
  #resumeHangUps: (() => void) | undefined

  /** Use `of`. */
  private constructor(res: ServerResponse) {
    this.#res = res as BufferingResponse
  }

  /** Whether the bytes of a response can be held so: not in every runtime, nor for what only looks like one. */
  static canHold(res: ServerResponse): boolean {
    return res instanceof ServerResponse && writesRaw()
  }

  /** Those of a response, which several may want to hold. */
  static of(res: ServerResponse): HeldBytes {
    const held = HELD.get(res) ?? new HeldBytes(res)
    HELD.set(res, held)
    return held
  }

  /** Holds what comes until each holder has let go. */
  hold(holder: Holder): void {
    const isHeld = this.#holders.size > 0
    this.#holders.add(holder)
    if (isHeld) return
    const res = this.#res
    const { _writeRaw: writeRaw, _flush: flush } = res
    setMethod(res, '_writeRaw', (data, encoding, callback, size) =>
      res._headerSent && !res.socket?.destroyed
        ? this.#keep(data, encoding, callback)
        : Reflect.apply(writeRaw, res, [data, encoding, callback, size]),
    )
    setMethod(res, '_flush', () => {
      if (res._headerSent) this.#guard()
      else Reflect.apply(flush, res, [])
    })
  }

  /** Adds a field to the head that is held. */
  addField(name: string, value: string): void {
    const { _header: head, outputData } = this.#res
    const piece = outputData.find(({ data }) => head && typeof data === 'string' && data.startsWith(head))
    if (!piece) return
    const before = piece.data.length
    piece.data = withField(piece.data as string, name, value)
    this.#count(piece.data.length - before)
  }

  /** Lets go: once nobody holds, what is held leaves, and what comes leaves at once. */
  release(holder: Holder): void {
    if (!this.#holders.delete(holder) || this.#holders.size > 0) return
    const res = this.#res
    Reflect.deleteProperty(res, '_writeRaw')
    Reflect.deleteProperty(res, '_flush')
    this.#onTheirWay = 0
    const resumeHangUps = this.#resumeHangUps
    this.#resumeHangUps = undefined
    // Without a socket its turn has not come, and Node flushes once it has.
    if (res.socket) this.#flush(res.socket)
    resumeHangUps?.()
  }

  #flush(socket: Socket): void {
    const res = this.#res
    const corked = socket.writableCorked
    res._flush()
    // Deno corks the socket of a response that has ended once more than it uncorks it.
    while (res.writableEnded && socket.writableCorked > corked) socket.uncork()
  }

  #keep(data: Output['data'], encoding: unknown, callback: unknown): boolean {
    const res = this.#res
    refuseUnknown(data, encoding)
    this.#guard()
    const told = typeof encoding === 'function' ? encoding : callback
    const piece = {
      data,
      encoding: typeof encoding === 'function' ? null : encoding,
      callback: typeof told === 'function' ? this.#early(told as Told) : told,
    }
    res.outputData.push(piece)
    this.#count(data.length)
    this.#setOut()
    const isFull = [...this.#holders].filter(({ maxBytes }) => res.outputSize > maxBytes)
    for (const holder of isFull) holder.full()
    return isFull.length === 0
  }

  /** Notes that what is held so far would be on its way: at once, or when Node lets go of a corked socket. */
  #setOut(): void {
    const pieces = this.#res.outputData.length
    if (this.#res.socket?.writableCorked) {
      realTime.nextTick(() => {
        if (this.#holders.size > 0) this.#onTheirWay = Math.max(this.#onTheirWay, pieces)
      })
    } else this.#onTheirWay = pieces
  }

  /**
   * Node pauses a connection for which too much is kept. It takes every change for room, and would tell a writer in the
   * middle of its `write` of a `drain`, unless the socket has no response as when another's turn it is.
   */
  #count(bytes: number): void {
    const res = this.#res
    res.outputSize += bytes
    const socket = res.socket as SocketOfResponse | null
    if (socket?._httpMessage !== res) {
      res._onPendingData(bytes)
      return
    }
    socket._httpMessage = null
    try {
      res._onPendingData(bytes)
    } finally {
      socket._httpMessage = res
    }
  }

  /**
   * Tells a writer in time that its piece has been taken: it may wait for that before it ends the response, and until
   * then the piece is held. What is told of the end is told when all has left.
   */
  #early(told: Told): Told {
    let isTold = false
    const tell: Told = (error) => {
      if (isTold) return
      isTold = true
      told(error)
    }
    realTime.nextTick(() => {
      if (this.#holders.size === 0) return
      if (!this.#res.writableEnded) tell()
      else for (const holder of [...this.#holders]) holder.ended()
    })
    return tell
  }

  /** What would have left is not to be lost with the connection. */
  #guard(): void {
    const { socket } = this.#res
    if (!socket || this.#resumeHangUps) return
    this.#resumeHangUps = deferHangUp(socket, (isAtOnce) => {
      if (isAtOnce && !this.#res.writableEnded) this.#drop(this.#onTheirWay)
      for (const holder of [...this.#holders]) holder.hangingUp()
    })
  }

  /** Forgets what Node would not have sent either. */
  #drop(from: number): void {
    const dropped = this.#res.outputData.splice(from)
    this.#count(-dropped.reduce((bytes, { data }) => bytes + data.length, 0))
  }
}

/** What a socket refuses is refused now, and not when all is sent. @throws TypeError `ERR_UNKNOWN_ENCODING`. */
function refuseUnknown(data: Output['data'], encoding: unknown): void {
  const isKnown = typeof encoding !== 'string' || Buffer.isEncoding(encoding)
  if (typeof data === 'string' && !isKnown) Buffer.from(data, encoding as BufferEncoding)
}

type Told = (error?: Error | null) => void

let isProbed: boolean | undefined

/** Tries with a response of our own whether its bytes pass where Node's do. */
function writesRaw(): boolean {
  isProbed ??= probe()
  return isProbed
}

function probe(): boolean {
  try {
    const res = new ServerResponse(new IncomingMessage(new Socket())) as BufferingResponse
    let bytes = 0
    setMethod(res, '_writeRaw', (data) => {
      bytes += data.length
      return true
    })
    res.end('probe')
    return bytes > 0 && Array.isArray(res.outputData) && typeof res._flush === 'function'
  } catch {
    return false
  }
}
