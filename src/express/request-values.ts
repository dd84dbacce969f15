import type { Request } from 'express'
import { PathSegments } from '../keys/path-segments.js'
import type { ResolveValue } from '../keys/render.js'
import { isRequestFact, type RequestFact } from '../keys/request-facts.js'
import { sortedUrl } from '../keys/whole-url.js'
import { fieldOf, follow } from '../tools/follow.js'
import { declaresParameter } from './parameter-names.js'
import type { VisitedRoute } from './route-visit.js'
import { UNKNOWN_USER, type UserOf } from './signed-in.js'

/** How a framework answers placeholders that Express has no place for. */
export interface RequestValues {
  /** `{id}`: the value bound under that name. */
  readonly bare: (name: string) => unknown
  /** Whether those values are parts of the URL. */
  readonly isBareOfUrl: boolean
  /** `{user.…}`: who is signed in. */
  readonly user: unknown
  /** The route whose handlers answer; none where a lookup is mounted in front of many. */
  readonly route: VisitedRoute | undefined
}

/** Looks placeholders up in a request. */
export function valuesOfRequest(req: Request, { bare, user }: RequestValues): ResolveValue {
  return ({ source, path }) => {
    switch (source) {
      case 'bare':
        return bare(path[0] as string)
      case 'user':
        return userValue(req, user, path)
      case 'params':
        // The segments of a wildcard are one value.
        return PathSegments.from(follow(req.params, path))
      case 'query':
      case 'body':
      case 'headers':
        return follow(req[source], path)
      case 'cookies':
      case 'auth':
      case 'session':
        // Set by middleware, such as cookie-parser; without it there is no value, and so no caching.
        return follow(Reflect.get(req, source), path)
      case 'locals':
        return follow(req.res?.locals, path)
      default:
        return undefined
    }
  }
}

/** `{user}` is who is signed in; a route's own parameter of that name may have been meant, so then it is neither. */
function userValue(req: Request, user: unknown, path: readonly string[]): unknown {
  const isAmbiguous = path.length === 0 && declaresParameter(req.route, 'user')
  return user === UNKNOWN_USER || isAmbiguous ? UNKNOWN_USER : follow(user, path)
}

/** Plain Express: path parameters by name, and the user where authentication middleware leaves it. */
export function expressValues(
  req: Request,
  route?: VisitedRoute | undefined,
  userOf?: UserOf | undefined,
): RequestValues {
  return {
    bare: (name) => pathValue(req, name),
    isBareOfUrl: true,
    user: userOf ? userOf(req) : Reflect.get(req, 'user'),
    route,
  }
}

/** `{name}`: the path parameter; `{url}`, `{host}` and `{method}` without one of that name are what the request says. */
export function pathValue(req: Request, name: string): unknown {
  const text = req.params?.[name]
  // What each object has of its own accord is no text.
  if (typeof text === 'string') return text
  const value = PathSegments.from(fieldOf(req.params, name))
  if (value !== undefined || !isRequestFact(name) || declaresParameter(req.route, name)) return value
  return factOf(req, name)
}

function factOf(req: Request, fact: RequestFact): string {
  switch (fact) {
    case 'url':
      return sortedUrl(req.originalUrl)
    case 'host':
      // By Express's setting `trust proxy`.
      return req.hostname
    case 'method':
      // It has the answer of GET (RFC 9110, section 9.3.2).
      return req.method === 'HEAD' ? 'GET' : req.method
  }
}

/** `resolveValue`, which also knows `{result.…}`: fields of the answer. */
export function withResult(resolveValue: ResolveValue, result: unknown): ResolveValue {
  return (placeholder) =>
    placeholder.source === 'result' ? follow(result, placeholder.path) : resolveValue(placeholder)
}
