import type { Response } from 'express'
import { isUnchanged } from '../../http/conditions.js'
import { etagOf } from '../../http/etag.js'
import type { Representation } from '../../http/representation.js'
import { type Head, headOf, headOfUnmodified } from '../../http/response-head.js'
import type { SentBodies } from '../../http/sent-bodies.js'
import { removeBodyHeaders } from '../response/body-headers.js'
import { endsAsNode, type WholeAnswers } from '../response/whole-answers.js'
import { tagMakerOf } from '../tag-maker.js'
import { unwatchedHeaders } from '../watched-request.js'

/** A stored answer as one client is to get it. */
export interface Served {
  readonly stored: Representation
  readonly body: Buffer
  /** Whether the body is as it was kept. */
  readonly isEncoded: boolean
  /** What `Age` is to say, if not what the handler said. */
  readonly age?: number | undefined
}

interface Sent extends Served {
  readonly bodies: SentBodies
  readonly wholeAnswers: WholeAnswers<Buffer>
}

/**
 * Sends a stored answer, or 304 if the client has it already (RFC 9110, section 15.4.5).
 *
 * As much of the head as possible goes in one call: Express changes the prototype of each response, after which
 * whatever is done to it costs several times as much.
 */
export function sendRepresentation(res: Response, served: Sent): void {
  const { req } = res
  const { status } = served.stored
  const head = headOn(res, served)
  const headerOf = (name: 'etag' | 'last-modified') =>
    name === 'etag' ? head.ETag : (head[name] ?? res.getHeader(name))
  if (isUnchanged(unwatchedHeaders(req), status, headerOf)) {
    removeBodyHeaders(res)
    send(res, 304, headOfUnmodified(head))
    return
  }
  if (req.method === 'HEAD') send(res, status, head)
  else send(res, status, head, served)
}

/** In two calls: whatever an application has put on `writeHead` may return nothing. */
function send(
  res: Response,
  status: number,
  head: Head,
  sent?: Pick<Sent, 'body' | 'bodies' | 'wholeAnswers'>,
): void {
  res.writeHead(status, head)
  if (sent === undefined) {
    res.end()
    return
  }
  const { body, bodies, wholeAnswers } = sent
  if (!endsAsNode(res)) res.end(Buffer.from(body))
  else if (!wholeAnswers.endWritten(res, body, body)) res.end(bodies.of(body), 'latin1')
}

/** Puts the status and the head of a stored answer on a response that has not left. */
export function applyHead(res: Response, served: Served): void {
  res.statusCode = served.stored.status
  const head = headOn(res, served)
  for (const name in head) res.setHeader(name, head[name] ?? [])
}

/** The head of a stored answer, on a response without what the route took away; it keeps an `ETag` it has, if the answer has none of its own. */
function headOn(res: Response, { stored, body, isEncoded, age }: Served): Head {
  for (const name of stored.removedHeaders ?? []) res.removeHeader(name)
  const etag = stored.headers.etag ?? res.getHeader('ETag') ?? etagOf(stored, tagMakerOf(res))
  return headOf(stored, { isEncoded, bodyBytes: body.length, etag, age })
}
