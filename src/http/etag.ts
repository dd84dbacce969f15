import { hash } from 'node:crypto'
import type { Representation, Tag } from './representation.js'

/** Makes the `ETag` of a body; `undefined` where an application wants none. */
export type TagMaker = ((body: Buffer) => string | undefined) | undefined

/** A body that remembers the `ETag` that has been made of it. */
export interface Tagged extends Pick<Representation, 'body' | 'encoding'> {
  tag?: Tag | undefined
}

/**
 * The `ETag` that a maker gives the plain body of an answer; made once for each answer. One that is kept compressed has
 * only what was made when it was unpacked, see `fitFor`.
 */
export function etagOf(answer: Tagged, maker: TagMaker): string | undefined {
  if (answer.tag?.by === maker) return answer.tag?.etag
  if (answer.encoding !== undefined) return undefined
  answer.tag = { by: maker, etag: maker?.(answer.body) }
  return answer.tag.etag
}

/** What Express makes if nothing is set, in a fraction of the time for short bodies. */
export function weakTag(body: Buffer): string {
  return `W/"${body.length.toString(16)}-${hash('sha1', body, 'base64').slice(0, 27)}"`
}

const HASH = /^[\w+/]{27}"$/

/** Whether a tag is of the form that `weakTag` gives one of this body. */
export function hasFormOfWeakTag(tag: unknown, body: Buffer): boolean {
  const start = `W/"${body.length.toString(16)}-`
  return typeof tag === 'string' && tag.startsWith(start) && HASH.test(tag.slice(start.length))
}
