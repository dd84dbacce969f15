import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import { ageSeconds } from '../../http/age.js'
import { cacheStatus } from '../../http/cache-status.js'
import { etagOf } from '../../http/etag.js'
import type { Representation } from '../../http/representation.js'
import { type Head, headOf } from '../../http/response-head.js'
import { keptBody } from '../../http/sent-bodies.js'
import type { LearnedUrl } from './learned-urls.js'

/** An answer as it was last given. */
export interface PreparedAnswer {
  readonly by: LearnedUrl
  readonly age: number
  readonly ttlSeconds: number
  readonly head: Head
  /** The head as `writeHead` takes it. */
  readonly fields: OutgoingHttpHeader[]
  /** A text has the bytes as its characters (Latin-1). */
  readonly body: Buffer | string
}

const MAX_BYTES = 2 * 1024 * 1024
const ENTRY_BYTES = 1_000

/** Where an answer lies that has been prepared, and what it takes. */
interface Room {
  readonly bytes: number
  readonly of: WeakRef<Representation>
}

/** Answers that have been prepared: each goes out of memory with the stored answer, or where there is no more room. */
export class PreparedAnswers {
  readonly #prepared = new WeakMap<Representation, PreparedAnswer & { readonly room: Room }>()
  readonly #rooms = new LRUCache<Room, true>({
    maxSize: MAX_BYTES,
    sizeCalculation: (_true, { bytes }) => bytes,
    dispose: (_true, room) => {
      const stored = room.of.deref()
      if (stored && this.#prepared.get(stored)?.room === room) this.#prepared.delete(stored)
    },
  })

  /** Prepares the answer for this second: all requests of the second get the same. */
  prepare(learned: LearnedUrl, stored: Representation, freshForMs: number): PreparedAnswer {
    const age = ageSeconds(stored.headers, learned.rule.ttlMs, freshForMs)
    const ttlSeconds = Math.floor(freshForMs / 1_000)
    const before = this.#prepared.get(stored)
    const isGood = before?.by === learned && before.age === age && before.ttlSeconds === ttlSeconds
    if (isGood) return before

    const { body, removedHeaders = [] } = stored
    const etag = stored.headers.etag ?? etagOf(stored, learned.makeTag)
    const head: OutgoingHttpHeaders = {
      ...learned.frame.headers,
      ...headOf(stored, { isEncoded: stored.encoding !== undefined, bodyBytes: body.length, etag, age }),
      'X-Cache': 'HIT',
      'Cache-Status': cacheStatus({ xCache: 'HIT', ttlSeconds }),
    }
    for (const name of removedHeaders) delete head[name]
    // Node writes a list of names and values as it is, and needs not look at an object first.
    const fields = Object.entries(head).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
    const prepared = { by: learned, age, ttlSeconds, head, fields, body: keptBody(body) }
    if (before) this.#rooms.delete(before.room)
    return this.#keep(stored, prepared)
  }

  #keep(stored: Representation, prepared: PreparedAnswer): PreparedAnswer {
    const { fields, body } = prepared
    const headBytes = fields.reduce<number>((total, field) => total + String(field).length, 0)
    const bytes = ENTRY_BYTES + headBytes + (typeof body === 'string' ? body.length : 0)
    const room = { bytes, of: new WeakRef(stored) }
    const kept = { ...prepared, room }
    this.#prepared.set(stored, kept)
    this.#rooms.set(room, true)
    return kept
  }
}
