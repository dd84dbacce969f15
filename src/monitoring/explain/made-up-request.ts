import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Request, Response } from 'express'
import type { ExplainQuestion } from '../reports.js'
import type { RouteFound } from './routes-for.js'

/** What a URL, headers and a user say of a request. Whatever else is read of one only a request that came could tell. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['method', 'originalMethod', 'url', 'originalUrl', 'baseUrl', 'path', 'query', 'params', 'route', 'app'],
  ...['headers', 'headersDistinct', 'rawHeaders', 'get', 'header', 'is', 'range', 'xhr'],
  ...['accepts', 'acceptsEncodings', 'acceptsCharsets', 'acceptsLanguages'],
  ...['httpVersion', 'httpVersionMajor', 'httpVersionMinor', 'user', 'next', 'toString', 'valueOf'],
])
/** Express makes these of the header alone, unless a proxy is trusted. */
const OF_HOST: ReadonlySet<string> = new Set(['host', 'hostname', 'subdomains'])

/** A request that nobody has sent. */
export interface MadeUpRequest {
  readonly req: Request
  /** Of the same application; nothing is ever sent. */
  readonly res: Response
  /** What has been read that only a request which came could tell, as people write it: `req.session`. */
  readonly unknowns: Set<string>
  /** Who is signed in, as far as the question says. */
  readonly user: unknown
}

/** Makes the request of a question as it would be on a route, as Express makes it. */
export function madeUpRequest(
  app: object,
  { method, url, headers = {}, user }: ExplainQuestion,
  { route, params, baseUrl, url: innerUrl }: RouteFound,
): MadeUpRequest {
  const raw = new IncomingMessage(new Socket())
  const names = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
  raw.method = method
  raw.url = innerUrl
  raw.headers = names
  raw.rawHeaders = Object.entries(names).flat()
  const response = new ServerResponse(raw)
  takePrototype(raw, app, 'request')
  takePrototype(response, app, 'response')
  const known = { originalUrl: url, baseUrl, params, route, ...(user !== undefined && { user }) }
  Object.assign(raw, known)
  if (!('query' in raw)) Object.assign(raw, { query: parsedQuery(app, innerUrl) })
  Object.assign(response, { req: raw, locals: {} })

  const unknowns = new Set<string>()
  const saysWho = names.authorization !== undefined || names.cookie !== undefined
  const isUnknown = (name: string): boolean => {
    if (name === 'user') return user === undefined && saysWho
    if (OF_HOST.has(name)) return names.host === undefined
    return !KNOWN.has(name)
  }
  const req = new Proxy(raw, {
    get(target, name) {
      if (typeof name === 'string' && isUnknown(name)) unknowns.add(`req.${name}`)
      return Reflect.get(target, name, target)
    },
  })
  return { req: req as Request, res: response as unknown as Response, unknowns, user }
}

/** Express gives each message of an application the methods of that. */
function takePrototype(message: object, app: object, name: 'request' | 'response'): void {
  const prototype: unknown = Reflect.get(app, name)
  if (typeof prototype === 'object' && prototype !== null) Object.setPrototypeOf(message, prototype)
}

/** Express 4 has a middleware for that. */
function parsedQuery(app: object, url: string): unknown {
  const setting: unknown = Reflect.get(app, 'get')
  const parse: unknown = typeof setting === 'function' ? setting.call(app, 'query parser fn') : undefined
  const start = url.indexOf('?')
  return typeof parse === 'function' && start !== -1 ? parse(url.slice(start + 1)) : {}
}
