import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import type { Request } from 'express'
import { isDueEarly } from '../../engine/early-reload.js'
import type { Load } from '../../engine/load.js'
import type { CacheableRule } from '../../rules/rule.js'
import { tellGuarded } from '../../tools/guarded.js'
import { realTime } from '../../tools/real-time.js'
import type { MiddlewareContext } from '../context.js'
import { unwatchedHeaders, unwatchedRawHeaders } from '../watched-request.js'
import { reloadSocket } from './reload-socket.js'

/** What a request of our own is to load. */
export interface Reload {
  readonly key: string
  readonly load: Load
  /** Once it has come to its route, which ends the load from then on, whatever becomes of the response. */
  isTaken?: boolean
}

/** A condition or a range would keep the answer from being whole. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-range',
  'range',
])

const RELOADS = new WeakMap<IncomingMessage, Reload>()

/** What a request is to load, if it is one of ours. */
export function reloadOf(req: IncomingMessage): Reload | undefined {
  return RELOADS.get(req)
}

/** The application that a request came in by, through all that are mounted in it. */
export function applicationOf({ app }: Request): RequestListener | undefined {
  let root = app as (RequestListener & { parent?: typeof root }) | undefined
  while (root?.parent) root = root.parent
  return root
}

/**
 * Sends an application the same request once more, with nobody to wait for the answer.
 *
 * A response cannot both have been answered and be given to a handler, and a handler of Express gets the response
 * that its application got. So the whole way is gone again, authorization included. The caller's load ends with it,
 * whatever becomes of the request on its way.
 */
export function reloadBehind(app: RequestListener, req: IncomingMessage, reload: Reload): void {
  const again = repeated(req)
  RELOADS.set(again, reload)
  const res = new ServerResponse(again)
  res.assignSocket(again.socket)
  res.once('close', () => {
    if (!reload.isTaken) reload.load.finishUnshareable()
  })
  res.once('finish', () => res.destroy())
  // Not within the request that is being answered: what this one throws is not its trouble.
  realTime.setImmediate(() => {
    tellGuarded('A reload of the application', () => {
      try {
        return reload.load.run(() => app(again, res as never), true)
      } catch (error) {
        reload.load.finishUnshareable()
        throw error
      }
    })
  })
}

/** Reloads a fresh value behind its hit, if the rule wants that, it is time for it, and nobody is at it. */
export function reloadIfDue(
  { engine, loadMs }: Pick<MiddlewareContext, 'engine' | 'loadMs'>,
  { rule, key, remainingMs }: { rule: CacheableRule; key: string; remainingMs: number },
  app: RequestListener | undefined,
  req: IncomingMessage,
): void {
  if (!rule.refreshAhead || !app || req.method !== 'GET') return
  if (!isDueEarly(remainingMs - rule.graceMs, loadMs(rule), Math.random())) return
  void engine.reload(key, rule).then((load) => {
    if (load) reloadBehind(app, req, { key, load })
  })
}

function repeated(req: IncomingMessage): IncomingMessage {
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
