import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { ownValue } from '../../http/field-values.js'
import { setMethod } from '../../tools/set-method.js'

/** The head of an answer. Names are in lower case. */
export interface AnswerHead {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
}

const NONE: OutgoingHttpHeaders = Object.freeze({})

/** What Node's `writeHead` calls last, once every hook on it has run. */
interface StoresHeader {
  _storeHeader?: (firstLine: string, fields: unknown) => void
}

/**
 * Tells the head of an answer when nothing can change it any more but the listener: after the hooks of middleware
 * behind and in front, and before Node writes it down. `setHeader` still works there, for a response that has headers.
 *
 * It is told again if Node then refuses it, and another takes its place.
 */
export function onFinalHead(res: ServerResponse, listener: (head: AnswerHead) => void): void {
  const target = res as ServerResponse & StoresHeader
  const { _storeHeader: storeHeader } = target
  if (typeof storeHeader !== 'function') {
    beforeHead(res, listener)
    return
  }
  setMethod(target, '_storeHeader', function tellHead(this: ServerResponse, firstLine, fields) {
    // Without headers of its own, a response has none but those that `writeHead` was given.
    const headers = res.getHeaderNames().length > 0 ? headersNow(res) : fieldsOf(fields)
    listener({ status: res.statusCode, headers })
    Reflect.apply(storeHeader, this, [firstLine, fields])
  })
}

/** The same where Node's way is unknown: hooks that were put on `writeHead` before come after it. */
function beforeHead(res: ServerResponse, listener: (head: AnswerHead) => void): void {
  const { writeHead } = res
  setMethod(res, 'writeHead', function tellHead(this: ServerResponse, ...args: unknown[]) {
    listener(headOf(res, args))
    return Reflect.apply(writeHead, this, args)
  } as typeof res.writeHead)
}

/** The head that a call of `writeHead` makes of what has been set and what it is given. */
export function headOf(res: ServerResponse, args: readonly unknown[]): AnswerHead {
  return { status: Number(args[0]), headers: Object.assign(headersNow(res), givenFields(args)) }
}

/** The headers of a response as they are: whoever has set a list of values may add to it later. */
export function headersNow(res: ServerResponse): OutgoingHttpHeaders {
  const headers = res.getHeaders()
  for (const name in headers) headers[name] = ownValue(headers[name])
  return headers
}

/** The header fields that `writeHead` is given, with a reason or without. */
export function givenFields(args: readonly unknown[]): OutgoingHttpHeaders {
  return fieldsOf(fieldsIn(args))
}

/** The last values of the names that `writeHead` is given several times, which a list may have. */
export function lastOfRepeated(args: readonly unknown[]): OutgoingHttpHeaders {
  const fields = fieldsIn(args)
  if (!Array.isArray(fields)) return NONE
  const last: OutgoingHttpHeaders = Object.create(null)
  const seen = new Set<string>()
  for (const [name, value] of pairsOf(fields)) {
    const key = String(name).toLowerCase()
    if (seen.has(key)) last[key] = ownValue(value as string | string[])
    seen.add(key)
  }
  return last
}

function fieldsIn([, reason, fields]: readonly unknown[]): unknown {
  return typeof reason === 'string' ? fields : (fields ?? reason)
}

/** Header fields as `writeHead` takes them: an object, a list of names and values in turn, or a list of pairs. */
function fieldsOf(fields: unknown): OutgoingHttpHeaders {
  // As `getHeaders`, so that a header may be named `constructor`.
  const headers: OutgoingHttpHeaders = Object.create(null)
  for (const [name, value] of pairsOf(fields)) {
    const key = String(name).toLowerCase()
    const earlier = headers[key]
    headers[key] =
      Array.isArray(fields) && earlier !== undefined
        ? ([earlier, value].flat() as string[])
        : ownValue(value as string | string[])
  }
  return headers
}

function pairsOf(fields: unknown): (readonly [name: unknown, value: unknown])[] {
  if (typeof fields !== 'object' || fields === null) return []
  if (!Array.isArray(fields)) return Object.entries(fields).filter(([, value]) => value !== undefined)
  if (Array.isArray(fields[0])) return fields as [unknown, unknown][]
  return fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1]] as const] : []))
}
