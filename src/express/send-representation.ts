import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Request, Response } from 'express'
import fresh from 'fresh'
import { plainBody } from './at-rest.js'
import type { Representation, Tag } from './representation.js'

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

/** Sends a body whose head is set, or 304 if the client has it already (RFC 9110, section 15.4.5). */
export function sendBody(res: Response, body: Buffer, conditions: Conditions): void {
  res.setHeader('Content-Length', body.length)
  const toSend = settleConditional(res, body, conditions)
  res.end(res.req.method === 'HEAD' ? undefined : toSend)
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

/** Makes the head say 304 where the conditions allow it. @returns The body to send. */
export function settleConditional(res: Response, body: Buffer, conditions: Conditions): Buffer {
  if (!isUnchanged(conditions, res.statusCode, (name) => header(res, name))) return body
  res.statusCode = 304
  for (const name of ['Content-Type', 'Content-Length', 'Transfer-Encoding']) res.removeHeader(name)
  return Buffer.alloc(0)
}

/** Sets the head of a stored answer. */
export function applyHead(res: Response, { status, headers }: Representation): void {
  res.statusCode = status
  for (const name in headers) res.setHeader(name, headers[name] ?? [])
}

function header(res: Response, name: string): string | undefined {
  const value = res.getHeader(name)
  return value === undefined ? undefined : String(value)
}
