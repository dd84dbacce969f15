import type { Response } from 'express'
import { endArguments, type RecordedHead, toBuffer } from '../read/record-response.js'

/**
 * Keeps an answer back until `settle` has resolved: nothing of it leaves before, neither head nor body. Where
 * `settle` has nothing to wait for and returns nothing, the answer leaves at once.
 *
 * To the handler the response looks sent once it has been ended, so that code which asks `headersSent` does
 * not answer a second time. `settle` gets the body, or `null` if the answer is larger than `maxBytes`: then it
 * is called when that shows, and again at the end.
 */
export function holdResponse(
  res: Response,
  maxBytes: number,
  settle: (head: RecordedHead, body: Buffer | null) => Promise<void> | undefined,
): void {
  const original = {
    write: res.write,
    end: res.end,
    writeHead: res.writeHead,
    flushHeaders: res.flushHeaders,
  }
  const chunks: Buffer[] = []
  let size = 0
  let isEnded = false
  /** Set while a too large answer is let go. */
  let release: Promise<void> | undefined

  const headNow = (): RecordedHead => ({ status: res.statusCode, headers: res.getHeaders() })

  const keep = (chunk: unknown, encoding: unknown): void => {
    const bytes = toBuffer(chunk, encoding)
    if (!bytes) return
    chunks.push(bytes)
    size += bytes.length
  }

  res.writeHead = function holdHead(this: Response, status: number, ...rest: unknown[]) {
    res.statusCode = status
    if (typeof rest[0] === 'string') res.statusMessage = rest[0]
    for (const [name, value] of headerPairs(rest.at(-1))) res.setHeader(name, value)
    return this
  } as typeof res.writeHead

  res.flushHeaders = () => {}

  res.write = function holdWrite(chunk: unknown, ...rest: unknown[]) {
    const { encoding, callback } = endArguments([chunk, ...rest])
    keep(chunk, encoding)
    if (callback) queueMicrotask(callback)
    if (size <= maxBytes) return true
    release ??= letGo()
    return false
  } as typeof res.write

  res.end = function holdEnd(this: Response, ...args: unknown[]) {
    if (isEnded) return this
    const { chunk, encoding, callback } = endArguments(args)
    keep(chunk, encoding)
    isEnded = true
    const head = headNow()
    const body = size > maxBytes ? null : Buffer.concat(chunks)
    const pending = release ? release.then(() => settle(head, body)) : settle(head, body)
    const send = (): void => {
      restore()
      if (!res.headersSent) restoreHead(res, head)
      res.end(Buffer.concat(chunks.splice(0)), callback)
    }
    if (!pending) {
      // Some frameworks pass an error on after they have answered it, and Express then closes the connection.
      send()
      return this
    }
    const looksSent = makeLookSent(res)
    void pending.then(() => {
      looksSent.undo()
      send()
    })
    return this
  } as typeof res.end

  function restore(): void {
    Object.assign(res, original)
  }

  /** Gives up holding an answer that is too large to keep, after what is known of it has been settled. */
  async function letGo(): Promise<void> {
    await settle(headNow(), null)
    if (isEnded) return
    restore()
    const { end } = res
    res.write(Buffer.concat(chunks.splice(0)), () => res.emit('drain'))
    // What the handler commits until its end is still to be settled.
    res.end = function settleEnd(this: Response, ...args: unknown[]) {
      res.end = end
      void Promise.resolve(settle(headNow(), null)).then(() => Reflect.apply(end, res, args))
      return this
    } as typeof res.end
  }
}

/** Own properties that shadow the response's getters until they are taken away. */
function makeLookSent(res: Response): { undo(): void } {
  const names = ['headersSent', 'writableEnded'] as const
  for (const name of names) Object.defineProperty(res, name, { value: true, configurable: true })
  return {
    undo() {
      for (const name of names) Reflect.deleteProperty(res, name)
    },
  }
}

/** Undoes what ill-behaved code did to the head after the end. */
function restoreHead(res: Response, { status, headers }: RecordedHead): void {
  res.statusCode = status
  for (const name of res.getHeaderNames()) if (!(name in headers)) res.removeHeader(name)
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && res.getHeader(name) !== value) res.setHeader(name, value)
  }
}

/** `writeHead` takes an object, a list of pairs or a flat list. */
function headerPairs(headers: unknown): [string, string | string[]][] {
  if (Array.isArray(headers)) {
    if (Array.isArray(headers[0])) return headers as [string, string][]
    return headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : [])) as [
      string,
      string,
    ][]
  }
  return typeof headers === 'object' && headers !== null
    ? (Object.entries(headers).filter(([, value]) => value !== undefined) as [string, string][])
    : []
}
