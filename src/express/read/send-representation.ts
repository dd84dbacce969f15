import { hash } from 'node:crypto'
import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import type { Request, Response } from 'express'
import fresh from 'fresh'
import { plainBody, weakened } from '../../http/at-rest.js'
import type { Representation, Tag } from '../../http/representation.js'
import { isOfBody, removeBodyHeaders } from '../response/body-headers.js'

/** The request headers that decide whether a body is sent that the client may have (RFC 9110, section 13.1). */
export type Conditions = Pick<IncomingHttpHeaders, 'if-none-match' | 'if-modified-since' | 'cache-control'>

/**
 * Takes the conditions off a request, so that its handler answers in full and the answer can be stored. The
 * cache judges them itself, for hits and misses alike.
 */
export function takeConditions(req: Request): Conditions {
  const { 'if-none-match': match, 'if-modified-since': since, 'cache-control': control } = req.headers
  delete req.headers['if-none-match']
  delete req.headers['if-modified-since']
  return { 'if-none-match': match, 'if-modified-since': since, 'cache-control': control }
}

/** Gives a request back what was taken off it, where others than the cache answer it. */
export function restoreConditions(req: Request, conditions: Conditions): void {
  for (const name of ['if-none-match', 'if-modified-since'] as const) {
    if (conditions[name] !== undefined) req.headers[name] = conditions[name]
  }
}

/** Makes sure that an answer has the `ETag` which Express would give it, on hits as on misses. */
export function ensureEtag(res: Response, answer: Tagged): void {
  if (res.hasHeader('ETag')) return
  const etag = etagOf(answer, tagMakerOf(res))
  if (etag) res.setHeader('ETag', etag)
}

/** The `ETag` that the application's `etag` setting gives a body; none if it is switched off. */
export function generatedEtag(res: Response, body: Buffer): string | undefined {
  return tagMakerOf(res)?.(body)
}

/** Makes the `ETag` of a body; `undefined` where the application's `etag` setting is off. */
export type TagMaker = ((body: Buffer) => string) | undefined

interface Tagged extends Pick<Representation, 'body' | 'encoding'> {
  tag?: Tag | undefined
}

export function tagMakerOf({ app }: Response): TagMaker {
  return app?.get('etag') === 'weak' ? weakTag : app?.get('etag fn')
}

/** What Express makes if nothing is set, in a fraction of the time for short bodies. */
function weakTag(body: Buffer): string {
  return `W/"${body.length.toString(16)}-${hash('sha1', body, 'base64').slice(0, 27)}"`
}

/** Made once for each answer. */
export function etagOf(answer: Tagged, maker: TagMaker): string | undefined {
  if (answer.tag?.by !== maker) answer.tag = { by: maker, etag: maker?.(plainBody(answer)) }
  return answer.tag?.etag
}

/** A stored answer as one client is to get it. */
export interface Served {
  readonly stored: Representation
  readonly body: Buffer
  /** Whether the body is as it was kept. */
  readonly isEncoded: boolean
  /** What `Age` is to say, if not what the handler said. */
  readonly age?: number | undefined
}

/**
 * Sends a stored answer, or 304 if the client has it already (RFC 9110, section 15.4.5).
 *
 * As much of the head as possible goes in one call: Express changes the prototype of each response, after which
 * whatever is done to it costs several times as much.
 */
export function sendRepresentation(res: Response, { stored, body, isEncoded, age }: Served): void {
  const { req } = res
  const { status, headers, encoding } = stored
  const tag = headers.etag ?? res.getHeader('ETag') ?? etagOf(stored, tagMakerOf(res))
  const etag = isEncoded && tag !== undefined ? weakened(String(tag)) : tag
  const isUnmodified = isUnchanged(req.headers, status, (name) => {
    return textOf(name === 'etag' ? etag : (headers[name] ?? res.getHeader(name)))
  })
  const head: OutgoingHttpHeaders = {}
  for (const name in headers) {
    const isOver = name === 'etag' || (name === 'age' && age !== undefined)
    if (!isOver && !(isUnmodified && isOfBody(name))) head[name] = headers[name] as string
  }
  if (etag !== undefined) head.ETag = etag as OutgoingHttpHeader
  if (isEncoded && !isUnmodified) head['Content-Encoding'] = encoding
  if (age !== undefined) head.Age = age
  if (isUnmodified) {
    removeBodyHeaders(res)
    send(res, 304, head)
    return
  }
  // RFC 9110, section 8.6: 204 has none.
  if (status !== 204) head['Content-Length'] = body.length
  send(res, status, head, req.method === 'HEAD' ? undefined : body)
}

/** In two calls: whatever an application has put on `writeHead` may return nothing. */
function send(res: Response, status: number, head: OutgoingHttpHeaders, body?: Buffer): void {
  res.writeHead(status, head)
  res.end(body)
}

/** Whether the client has the answer already (RFC 9110, section 13.1). `headerOf`: of the answer. */
export function isUnchanged(
  conditions: Conditions,
  status: number,
  headerOf: (name: 'etag' | 'last-modified') => string | undefined,
): boolean {
  if (status !== 200 || !(conditions['if-none-match'] || conditions['if-modified-since'])) return false
  return fresh(conditions, { etag: headerOf('etag'), 'last-modified': headerOf('last-modified') })
}

/** Sets the head of a stored answer. */
export function applyHead(res: Response, { status, headers }: Representation): void {
  res.statusCode = status
  for (const name in headers) res.setHeader(name, headers[name] ?? [])
}

/** A header's value as one text. */
export function textOf(value: OutgoingHttpHeader | readonly string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}
