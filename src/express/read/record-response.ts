import type { OutgoingHttpHeaders } from 'node:http'
import type { Response } from 'express'
import onHeaders from 'on-headers'

/** The head of an answer at the moment it was settled. */
export interface RecordedHead {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
}

/** What `recordResponse` tells: exactly one of `whole`, `streamed` and `lost`, and once. */
export interface RecordingHooks {
  /**
   * The handler answered in one go, and nothing has left yet: the head may still be changed. Returns the body
   * to send.
   */
  whole(head: RecordedHead, body: Buffer): Buffer
  /**
   * The head of an answer that is not given to `whole` leaves now, and may be changed for the last time. If it
   * becomes a 304, Node drops the body, and the copy is still the answer as the handler gave it.
   */
  leaving(): void
  /** The handler wrote in pieces; all of them have been passed on. */
  streamed(head: RecordedHead, body: Buffer): void
  /** There is no complete answer to keep. */
  lost(reason: 'aborted' | 'too large'): void
}

/**
 * Lets an answer pass and keeps a copy. Back pressure and errors are the response's own: every call goes
 * through with its own result. Beyond `maxBytes` the copy is dropped and the answer goes on.
 *
 * Sits closer to the handler than middleware mounted earlier, so it sees bodies before they are compressed.
 */
export function recordResponse(res: Response, maxBytes: number, hooks: RecordingHooks): void {
  const { write, end } = res
  let chunks: Buffer[] = []
  let size = 0
  let head: RecordedHead | undefined
  let isOver = false
  let isWhole = false

  const settleHead = (): RecordedHead => {
    head ??= { status: res.statusCode, headers: res.getHeaders() }
    return head
  }
  const lose = (reason: 'aborted' | 'too large'): void => {
    if (isOver) return
    isOver = true
    chunks = []
    hooks.lost(reason)
  }
  const keep = (chunk: unknown, encoding: unknown): void => {
    const bytes = toBuffer(chunk, encoding)
    if (isOver || !bytes) return
    size += bytes.length
    if (size > maxBytes) lose('too large')
    else chunks.push(bytes)
  }

  // The last to listen is the first to hear, before earlier middleware (compression) changes the head.
  onHeaders(res, () => {
    settleHead()
    if (!isWhole) hooks.leaving()
  })
  res.once('close', () => lose('aborted'))

  res.write = function recordWrite(this: Response, ...args: unknown[]) {
    keep(args[0], args[1])
    return Reflect.apply(write, this, args)
  } as typeof res.write

  res.end = function recordEnd(this: Response, ...args: unknown[]) {
    if (isOver || res.writableEnded) return Reflect.apply(end, this, args)
    const { chunk, encoding, callback } = endArguments(args)
    keep(chunk, encoding)
    if (isOver) return Reflect.apply(end, this, args)
    isOver = true
    isWhole = !res.headersSent
    const body = Buffer.concat(chunks)
    chunks = []
    if (isWhole) return Reflect.apply(end, this, [hooks.whole(settleHead(), body), callback])
    hooks.streamed(settleHead(), body)
    return Reflect.apply(end, this, args)
  } as typeof res.end
}

/** `end()`, `end(callback)`, `end(chunk, callback)` and `end(chunk, encoding, callback)` as one. */
export function endArguments(args: readonly unknown[]): {
  chunk: unknown
  encoding: unknown
  callback: (() => void) | undefined
} {
  const callback = args.find((arg) => typeof arg === 'function') as (() => void) | undefined
  const [chunk, encoding] = args.filter((arg) => typeof arg !== 'function')
  return { chunk, encoding, callback }
}

/** The bytes of a chunk as `write` takes it; none for no chunk. */
export function toBuffer(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding as BufferEncoding | undefined)
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : undefined
}
