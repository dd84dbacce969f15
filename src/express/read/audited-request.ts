import type { IncomingMessage, OutgoingHttpHeaders, RequestListener } from 'node:http'
import type { Request, Response } from 'express'
import type { AuditedAnswer } from '../../auditing/audited-answer.js'
import type { AskedAgain, AuditedHit, Auditor } from '../../auditing/auditor.js'
import { unpacked } from '../../http/at-rest.js'
import type { Representation } from '../../http/representation.js'
import { decodeRepresentation } from '../../http/stored-bytes.js'
import type { CacheableRule } from '../../rules/rule.js'
import { LATE, withinDeadline } from '../../tools/within-deadline.js'
import type { MiddlewareContext } from '../context.js'
import type { RequestValues } from '../request-values.js'
import type { AnswerHead } from '../response/final-head.js'
import { visitRoute } from '../route-visit.js'
import { recordResponse } from './record-response.js'
import { type Audit, type Errand, repeatedRequest, sendRepeated } from './repeated-request.js'

type AuditContext = Pick<MiddlewareContext, 'maxBodyBytes' | 'leaseMs'>

/** An answer from the cache, and the request that it was for. */
interface AnsweredRequest {
  readonly rule: CacheableRule
  readonly key: string
  readonly answer: Representation
  readonly app: RequestListener | undefined
  readonly req: IncomingMessage
}

/**
 * Audits a hit behind its answer: the whole way through the application is gone again, as for a reload. A request that
 * can do more than read is left alone.
 */
export function auditHit(
  auditor: Auditor,
  context: AuditContext,
  { rule, key, answer, app, req }: AnsweredRequest,
): void {
  if (!app || req.method !== 'GET') return
  // The client's connection may have gone by the time of the last look.
  const request = repeatedRequest(req)
  auditor.begin({
    ...{ rule, key },
    served: () => comparable(answer, context),
    stored: async (value) => comparable(decodeRepresentation(value), context),
    ask: () => ask(app, repeatedRequest(request), key, context),
  } satisfies AuditedHit)
}

/** Lets a request of an audit run the handler, and tells what that answers. Nothing is stored, and it is in no account. */
export function recordAudit(
  { maxBodyBytes }: AuditContext,
  req: Request,
  res: Response,
  { route }: RequestValues,
  { told }: Audit,
): void {
  let head: AnswerHead | undefined
  const recording = recordResponse(res, maxBodyBytes, {
    whole: () => ({}),
    passing: () => false,
    decided(ofRoute) {
      head = { status: ofRoute.status, headers: ofRoute.headers }
      return true
    },
    complete: (body) => told(askedAgain(head, body)),
    lost: (why) => told({ unclear: why }),
  })
  if (!route) return
  visitRoute(req, route, {
    left: () => recording.leaveRoute(),
    failed: () => told({ unclear: 'the handler failed' }),
  })
}

async function ask(
  app: RequestListener,
  request: IncomingMessage,
  key: string,
  { leaseMs }: AuditContext,
): Promise<AskedAgain> {
  const asked = new Promise<AskedAgain>((told) => {
    const errand: Errand = {
      ...{ kind: 'audit', key, told },
      run: (handle) => handle(),
      missed: () => told({ unclear: 'it did not come to its route again' }),
    }
    sendRepeated(app, request, errand)
  })
  const answer = await withinDeadline(asked, leaseMs)
  return answer === LATE ? { unclear: 'the handler took too long' } : answer
}

/** What goes wrong in a handler says nothing of what is stored. */
function askedAgain(head: AnswerHead | undefined, body: Buffer): AskedAgain {
  if (!head) return { unclear: 'no head' }
  if (head.status >= 500) return { unclear: `answered ${head.status}` }
  return { answer: { status: head.status, contentType: contentTypeOf(head.headers), body } }
}

async function comparable(
  answer: Representation | null,
  { maxBodyBytes }: AuditContext,
): Promise<AuditedAnswer | null> {
  const plain = answer && (await unpacked(answer, maxBodyBytes))
  return plain && { status: plain.status, contentType: contentTypeOf(plain.headers), body: plain.body }
}

function contentTypeOf({ 'content-type': contentType }: OutgoingHttpHeaders): string | undefined {
  return contentType === undefined ? undefined : String(contentType)
}
