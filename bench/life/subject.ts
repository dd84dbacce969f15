import type { RequestListener } from 'node:http'
import express, { type Express, type RequestHandler } from 'express'
import type { Stored } from './database.js'
import { groupOf, listOf, nameOf, shownIn, type Value } from './things.js'

/** One set-up: an app and what it caches with. */
export interface Subject {
  readonly name: string
  /** About how many bytes of answers it keeps in one of Redis; 1 if left out. */
  readonly packing?: number
  /** The app, in each of its processes. */
  readonly start: (means: Means) => RequestListener | Promise<RequestListener>
}

/** What an app has to work with. */
export interface Means {
  readonly redisUrl: string
  /** Asks the database. */
  readonly load: (key: number) => Promise<Value>
  readonly write: (thing: number) => Promise<Stored>
}

type ThingHandler = RequestHandler<{ id: string }>
type ListHandler = RequestHandler<{ group: string }>

/** What stands in front of the handlers of an app, or is one of them. */
export interface Routes {
  readonly thing: readonly ThingHandler[]
  readonly list: readonly ListHandler[]
  readonly write: readonly ThingHandler[]
}

/** The routes that all have. */
export function lifeApp({ thing, list, write }: Routes): Express {
  const app = express()
  app.get('/things/:id', ...thing)
  app.get('/groups/:group/things', ...list)
  app.put('/things/:id', ...write)
  return app
}

function listFrom({ params, query }: Parameters<ListHandler>[0]): number {
  return listOf(Number(params.group), String(query.order))
}

/** The handlers of an app whose cache is in front of them. */
export function plainRoutes({ load, write }: Means) {
  const thing: ThingHandler = async ({ params }, res) => void res.json(await load(Number(params.id)))
  const list: ListHandler = async (req, res) => void res.json(await load(listFrom(req)))
  const change: ThingHandler = async ({ params }, res) => {
    const id = Number(params.id)
    res.json({ ...(await write(id)), group: groupOf(id) })
  }
  return { thing, list, write: change }
}

/** A cache that handlers ask themselves. */
export interface KeyedCache {
  /** @returns The value, or its JSON. */
  read(name: string, load: () => Promise<Value>): Promise<Value | string>
  evict(names: string[], thing: number): Promise<unknown>
}

export function keyedApp({ load, write }: Means, cache: KeyedCache): Express {
  const answer = async (key: number, res: Parameters<ThingHandler>[1]) => {
    const value = await cache.read(nameOf(key), () => load(key))
    if (typeof value === 'string') res.type('json').send(value)
    else res.json(value)
  }
  return lifeApp({
    thing: [({ params }, res) => answer(Number(params.id), res)],
    list: [(req, res) => answer(listFrom(req), res)],
    write: [
      async ({ params }, res) => {
        const id = Number(params.id)
        const written = await write(id)
        await cache.evict(shownIn(id).map(nameOf), id)
        res.json({ ...written, group: groupOf(id) })
      },
    ],
  })
}
