import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import type { Request } from 'express'
import type { AskedAgain } from '../../auditing/auditor.js'
import type { Load } from '../../engine/load.js'
import { tellGuarded } from '../../tools/guarded.js'
import { realTime } from '../../tools/real-time.js'
import { unwatchedHeaders, unwatchedRawHeaders } from '../watched-request.js'
import { reloadSocket } from './reload-socket.js'

/** What a request of our own is for, and the key that it has to come to. */
export type Errand = (Reload | Audit) & {
  readonly key: string
  /** Once it has come to its route, which answers for it from then on, whatever becomes of the response. */
  isTaken?: boolean
  /** Runs the application. */
  readonly run: (handle: () => unknown) => unknown
  /** It has not come to its route. */
  readonly missed: () => void
}

/** To load. */
interface Reload {
  readonly kind: 'reload'
  readonly load: Load
}

/** To be told what is answered now. */
export interface Audit {
  readonly kind: 'audit'
  readonly told: (asked: AskedAgain) => void
}

/** A condition or a range would keep the answer from being whole. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-range',
  'range',
])

const ERRANDS = new WeakMap<IncomingMessage, Errand>()

/** What a request is for, if it is one of ours. */
export function errandOf(req: IncomingMessage): Errand | undefined {
  return ERRANDS.get(req)
}

/** The same request once more, for nobody. It can be repeated itself, as long as no application has had it. */
export function repeatedRequest(req: IncomingMessage): IncomingMessage {
  const again = new IncomingMessage(reloadSocket(req.socket))
  again.method = 'GET'
  again.url = (req as Partial<Request>).originalUrl ?? req.url ?? '/'
  again.httpVersion = req.httpVersion
  again.httpVersionMajor = req.httpVersionMajor
  again.httpVersionMinor = req.httpVersionMinor
  const rawHeaders = unwatchedRawHeaders(req)
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = rawHeaders.slice(at, at + 2) as [string, string]
    if (!LEFT_OUT.has(name.toLowerCase())) again.rawHeaders.push(name, value)
  }
  again.headers = Object.fromEntries(
    Object.entries(unwatchedHeaders(req)).filter(([name]) => !LEFT_OUT.has(name)),
  )
  again.complete = true
  again.push(null)
  return again
}

/** Sends an application a request of our own. */
export function sendRepeated(app: RequestListener, again: IncomingMessage, errand: Errand): void {
  ERRANDS.set(again, errand)
  const res = new ServerResponse(again)
  res.assignSocket(again.socket)
  res.once('close', () => {
    if (!errand.isTaken) errand.missed()
  })
  res.once('finish', () => res.destroy())
  // Not within the request that is being answered: what this one throws is not its trouble.
  realTime.setImmediate(() => {
    tellGuarded('A reload of the application', () => {
      try {
        return errand.run(() => app(again, res as never))
      } catch (error) {
        errand.missed()
        throw error
      }
    })
  })
}
