import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Cache } from 'express-cacheable'
import type { Eviction, Write } from './evictions.js'
import { requireUser } from './requests.js'

/** Long enough that nothing in a test goes by itself. */
const TTL = '1h'

/** Gives what is answered as JSON. */
type Answerer = (req: Request, res: Response) => Promise<unknown>

/** Puts routes together with what is cached and evicted. Without a cache they are the same routes. */
export class Wiring {
  readonly router = Router()
  readonly #cache: Cache | null
  readonly #evictions: readonly Eviction[]

  constructor(cache: Cache | null, evictions: readonly Eviction[]) {
    this.#cache = cache
    this.#evictions = evictions
  }

  /** A read that anyone may ask. Its key has the reader only where the answer is another for each. */
  read(path: string, key: string, answer: Answerer): void {
    this.router.get(path, ...this.#cached(key), answering(answer))
  }

  /** A read of somebody's own. */
  readOwn(path: string, key: string, answer: Answerer): void {
    this.router.get(path, requireUser, ...this.#cached(key), answering(answer))
  }

  write(route: Write, answer: Answerer): void {
    const [method, path = ''] = route.split(' ')
    const verb = String(method).toLowerCase() as 'post' | 'put' | 'delete'
    this.router[verb](path, requireUser, ...this.#evicting(route), answering(answer))
  }

  #cached(key: string): RequestHandler[] {
    return this.#cache ? [this.#cache.cacheable(key, TTL)] : []
  }

  #evicting(route: Write): RequestHandler[] {
    const patterns = this.#evictions.filter(({ write }) => write === route).map(({ pattern }) => pattern)
    return this.#cache && patterns.length > 0 ? [this.#cache.evict(patterns)] : []
  }
}

function answering(answer: Answerer): RequestHandler {
  return async (req, res) => {
    const body = await answer(req, res)
    if (body === undefined) res.status(204).end()
    else res.json(body)
  }
}
