import type { IncomingMessage, RequestListener } from 'node:http'
import type { Request } from 'express'
import { isDueEarly } from '../../engine/early-reload.js'
import type { Load } from '../../engine/load.js'
import type { CacheableRule } from '../../rules/rule.js'
import type { MiddlewareContext } from '../context.js'
import { repeatedRequest, sendRepeated } from './repeated-request.js'

/**
 * Sends an application the same request once more, with nobody to wait for the answer.
 *
 * A response cannot both have been answered and be given to a handler, and a handler of Express gets the response
 * that its application got. So the whole way is gone again, authorization included. The caller's load ends with it,
 * whatever becomes of the request on its way.
 */
export function reloadBehind(
  app: RequestListener,
  req: IncomingMessage,
  { key, load }: { readonly key: string; readonly load: Load },
): void {
  sendRepeated(app, repeatedRequest(req), {
    ...{ kind: 'reload', key, load },
    run: (handle) => load.run(handle, true),
    missed: () => load.finishUnshareable(),
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

/** The application that a request came in by, through all that are mounted in it. */
export function applicationOf({ app }: Request): RequestListener | undefined {
  let root = app as (RequestListener & { parent?: typeof root }) | undefined
  while (root?.parent) root = root.parent
  return root
}
