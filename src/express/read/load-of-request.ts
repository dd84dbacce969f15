import type { Request } from 'express'
import { LoadTags, type RunningLoads } from '../../dependencies/load-tags.js'

/** On the request itself: a `WeakMap` of many short-lived objects keeps the garbage collector busy. */
const TAGS = Symbol('tags of the load')

type Loading = Request & { [TAGS]?: LoadTags }

/** What a request's handler gives tags to, from now on. */
export function beginLoad(req: Request, loads: RunningLoads): LoadTags {
  const tags = new LoadTags(loads.current)
  ;(req as Loading)[TAGS] = tags
  return tags
}

/** Goes on to the handler of a request: within its load, if it is one. */
export function withinLoad<Result>(req: Request, loads: RunningLoads, goOn: () => Result): Result {
  const tags = (req as Loading)[TAGS]
  return tags ? loads.run(tags, goOn) : goOn()
}
