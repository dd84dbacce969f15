import type { RequestListener } from 'node:http'
import express, { type Express, type RequestHandler } from 'express'
import type { Rows, Size } from './items.js'

/** One way to answer an item again and again. */
export interface Subject {
  readonly name: string
  /** The app, in a process of its own. */
  readonly start: (means: Means) => RequestListener | Promise<RequestListener>
}

/** What an app makes its answers with. */
export interface Means {
  /** A database of its own. */
  readonly redisUrl: string
  /** Stands for the query that a hit saves. */
  readonly load: (size: Size) => Rows
}

export type ItemHandler = RequestHandler<{ size: Size }>

/** The Express app that all have. */
export function itemApp(...handlers: ItemHandler[]): Express {
  const app = express()
  app.get('/item/:size', ...handlers)
  return app
}
