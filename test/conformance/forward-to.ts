import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'

/** How a message is framed between two hosts, which Node decides for each. */
const FRAMING: ReadonlySet<string> = new Set(['host', 'transfer-encoding'])

/**
 * A handler that answers what `origin` answers: status, headers and body.
 *
 * It copies all but the framing, also what a proxy would not pass on: what of it is not to be stored is for the
 * cache to know.
 */
export function forwardTo(origin: string): RequestHandler {
  return (req, res, next) => {
    const outgoing = request(new URL(req.originalUrl, origin), {
      method: req.method,
      headers: withoutFraming(req.headers),
      agent: false,
    })
    outgoing.on('error', next)
    outgoing.on('response', (incoming) => {
      // What is wrong behind the end of an answer, such as more bytes than it declares, is not the answer's.
      outgoing.off('error', next).on('error', () => {})
      answer(req, res, incoming).catch(next)
    })
    req.pipe(outgoing)
  }
}

async function answer(req: Request, res: Response, incoming: IncomingMessage): Promise<void> {
  const body = Buffer.concat(await incoming.toArray())
  res.status(incoming.statusCode ?? 502)
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    if (!FRAMING.has(name)) res.setHeader(name, values.length === 1 ? (values[0] as string) : values)
  }
  res.end(req.method === 'HEAD' ? undefined : body)
}

function withoutFraming(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !FRAMING.has(name)))
}
