import type { Request } from 'express'
import { LoadTags, type RunningLoads } from '../../dependencies/load-tags.js'

const TAGS_OF = new WeakMap<Request, LoadTags>()

/** What a request's handler gives tags to, from now on. */
export function beginLoad(req: Request, loads: RunningLoads): LoadTags {
  const tags = new LoadTags(loads.current)
  TAGS_OF.set(req, tags)
  return tags
}

/** Goes on to the handler of a request: within its load, if it is one. */
export function withinLoad<Result>(req: Request, loads: RunningLoads, goOn: () => Result): Result {
  const tags = TAGS_OF.get(req)
  return tags ? loads.run(tags, goOn) : goOn()
}
