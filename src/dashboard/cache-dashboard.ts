import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Cache } from '../cache.js'
import { partsOf } from '../cache-parts.js'
import { applicationOf } from '../express/read/reload.js'
import { reasonOf } from '../tools/reason-of.js'
import { secure, sendJson, sendRefusal } from './answers.js'
import { DashboardApi } from './api.js'
import { type DashboardOptions, resolveDashboardOptions } from './dashboard-options.js'
import { refuseForged } from './forgery.js'
import { guard, Unguarded } from './guard.js'
import { sendPageFile } from './page-files.js'
import { readBody } from './read-body.js'
import { Refusal } from './refusal.js'

const API = '/api/'
const LIVE = '/api/live'

/**
 * A page that shows what a cache does: live, of all processes that share its store, and why. Mount it with `use`, at any path,
 * behind what decides who may see it; in production it refuses to serve where it sees nothing that does.
 *
 * @param cache - Of `createCache`.
 * @throws CacheError `E_CACHE_OPTION`.
 * @example
 * app.use('/admin/cache', requireAdmin, cacheDashboard(cache))
 */
export function cacheDashboard(cache: Cache, options: DashboardOptions = {}): RequestHandler {
  const parts = partsOf(cache)
  const resolved = resolveDashboardOptions(options)
  const api = new DashboardApi(parts, resolved)
  parts.onClose(() => api.close())

  function dashboard(req: Request, res: Response, _next: NextFunction): void {
    const [path = '/'] = req.url.split('?', 1)
    answer(req, res, path).catch((error: unknown) => {
      if (error instanceof Unguarded)
        parts.warn(`cacheDashboard() refuses to serve: ${error.message}. ${error.mend}`)
      if (!(error instanceof Refusal)) parts.options.logger.error(`The dashboard failed: ${reasonOf(error)}`)
      sendRefusal(res, error, path.startsWith(API))
    })
  }

  async function answer(req: Request, res: Response, path: string): Promise<void> {
    secure(res)
    await guard(resolved, dashboard, req)
    const app = applicationOf(req)
    if (app) parts.applications.add(app)
    const target = redirectOf(req, path)
    if (target !== undefined) {
      res.writeHead(302, { Location: target }).end()
      return
    }
    const isRead = req.method === 'GET' || req.method === 'HEAD'
    if (!path.startsWith(API)) {
      if (!isRead) throw notAllowed(res, 'GET, HEAD')
      if (!(await sendPageFile(req, res, path))) throw notFound(path)
      return
    }
    if (path === LIVE) {
      if (req.method !== 'GET') throw notAllowed(res, 'GET')
      api.live.add(req, res)
      return
    }
    const name = path.slice(API.length)
    if (api.isQuestion(name)) {
      if (!isRead) throw notAllowed(res, 'GET, HEAD')
      sendJson(res, await api.ask(name, new URLSearchParams(req.url.slice(path.length))))
      return
    }
    if (!api.isAction(name)) throw notFound(path)
    if (req.method !== 'POST') throw notAllowed(res, 'POST')
    refuseForged(req)
    sendJson(res, await api.act(name, await readBody(req)))
  }

  return dashboard
}

/** Relative, as nobody but the browser knows what a proxy has put in front of the path. */
function redirectOf({ originalUrl }: Request, path: string): string | undefined {
  if (path !== '/' || originalUrl === undefined) return undefined
  const [mounted = '', query] = originalUrl.split('?', 2)
  if (mounted.endsWith('/')) return undefined
  const last = mounted.slice(mounted.lastIndexOf('/') + 1)
  return `./${last}/${query === undefined ? '' : `?${query}`}`
}

function notFound(path: string): Refusal {
  return new Refusal(404, `the dashboard has no ${path}`, 'See docs/guides/dashboard.md for what there is.')
}

function notAllowed(res: Response, allowed: string): Refusal {
  res.setHeader('Allow', allowed)
  return new Refusal(405, 'the method is not allowed here', `Send ${allowed}.`)
}
