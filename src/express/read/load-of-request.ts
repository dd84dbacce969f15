import type { Request } from 'express'
import { LoadTags, type RunningLoads } from '../../dependencies/load-tags.js'
import type { Load } from '../../engine/load.js'

/** On the request itself: a `WeakMap` of many short-lived objects keeps the garbage collector busy. */
const TAGS = Symbol('tags of the load')
const LOAD = Symbol('load')

type Loading = Request & { [TAGS]?: LoadTags; [LOAD]?: Load | undefined }

/** What a request's handler gives tags to, from now on. @param load - What it is to end, if that is a load. */
export function beginLoad(req: Request, loads: RunningLoads, load?: Load): LoadTags {
  const tags = new LoadTags(loads.current)
  ;(req as Loading)[TAGS] = tags
  ;(req as Loading)[LOAD] = load
  return tags
}

/** Goes on to the handler of a request: within its load, if it is one. */
export function withinLoad<Result>(req: Request, loads: RunningLoads, goOn: () => Result): Result {
  const { [TAGS]: tags, [LOAD]: load } = req as Loading
  if (!tags) return goOn()
  return load ? load.run(() => loads.run(tags, goOn)) : loads.run(tags, goOn)
}
