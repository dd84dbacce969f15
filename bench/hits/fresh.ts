import type { Express, RequestHandler } from 'express'
import type { Size } from './items.js'
import { type ItemHandler, itemApp, type Subject } from './subject.js'

/** Soon gone, as nobody asks for it again. */
export const FRESH_TTL_SECONDS = 1
/** Has what a request for something new is named by. */
export const NAME_HEADER = 'x-name'

/** What a miss is compared with. */
export const noCache: Subject = {
  name: 'no cache',
  start: ({ load }) => addFresh(itemApp(), ({ params }, res) => void res.json(load(params.size))),
}

/** What the apps are asked for to be answered anew each time, by size. */
export function freshPathOf(size: Size): string {
  return `/fresh/${size}`
}

/** Adds the route of what is new each time. */
export function addFresh(app: Express, ...handlers: ItemHandler[]): Express {
  app.get('/fresh/:size', nameAnew(), ...handlers)
  return app
}

/** Gives each request a name, so that it is for a key that nobody has asked for. */
function nameAnew(): RequestHandler<{ size: Size }> {
  let count = 0
  return (req, _res, next) => {
    count += 1
    req.headers[NAME_HEADER] = String(count)
    next()
  }
}
