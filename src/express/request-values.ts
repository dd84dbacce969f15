import type { Request } from 'express'
import { PathSegments } from '../keys/path-segments.js'
import type { ResolveValue } from '../keys/render.js'
import { sortedUrl, WHOLE_URL } from '../keys/whole-url.js'
import { follow } from '../tools/follow.js'
import type { VisitedRoute } from './route-visit.js'

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
        return follow(user, path)
      case 'params':
        return pathParameter(req, path)
      case 'query':
      case 'body':
      case 'headers':
        return follow(req[source], path)
      case 'cookies':
        // Set by cookie-parser; without it there is no value, and so no caching.
        return follow(req.cookies, path)
      default:
        return undefined
    }
  }
}

/** A parameter of the route's path; the segments of a wildcard are one value. */
function pathParameter({ params }: Request, path: readonly string[]): unknown {
  return PathSegments.from(follow(params, path))
}

/** Plain Express: path parameters by name, and the user where authentication middleware leaves it. */
export function expressValues(req: Request, route?: VisitedRoute): RequestValues {
  return {
    bare: (name) => pathValue(req, name),
    isBareOfUrl: true,
    user: 'user' in req ? req.user : undefined,
    route,
  }
}

/** `{name}`: the path parameter; `{url}` without one of that name is the URL as it came in. */
export function pathValue(req: Request, name: string): unknown {
  const value = pathParameter(req, [name])
  return value === undefined && name === WHOLE_URL ? sortedUrl(req.originalUrl) : value
}

/** `resolveValue`, which also knows `{result.…}`: fields of the answer. */
export function withResult(resolveValue: ResolveValue, result: unknown): ResolveValue {
  return (placeholder) =>
    placeholder.source === 'result' ? follow(result, placeholder.path) : resolveValue(placeholder)
}
