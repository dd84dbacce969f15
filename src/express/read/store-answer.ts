import type { OutgoingHttpHeaders } from 'node:http'
import type { Load } from '../../engine/load.js'
import { compressed } from '../../http/at-rest.js'
import { replayableHeaders } from '../../http/replayable-headers.js'
import { encodeRepresentation, parsedJson } from '../../http/representation.js'
import { type Storability, storability } from '../../http/storability.js'
import { evaluateOption } from '../evaluate-option.js'
import type { CacheRequest } from './cache-request.js'
import type { RecordedHead } from './record-response.js'
import { generatedEtag } from './send-representation.js'

/** What a handler has answered. */
export interface RecordedAnswer extends RecordedHead {
  readonly body: Buffer
  /** What middleware in front of the route had set. */
  readonly headersBefore: OutgoingHttpHeaders
}

/**
 * Ends a load with what the handler has answered, which the store then keeps if the load's lease still stands.
 *
 * @returns Why the answer may not be stored; `undefined` if it may.
 */
export function storeAnswer(request: CacheRequest, load: Load, answer: RecordedAnswer): string | undefined {
  const { rule, context, res, key } = request
  const verdict = verdictOn(request, answer)
  if (!verdict.storable) {
    load.finishUnshareable()
    context.emit({ type: 'not-stored', rule, key, reason: verdict.reason })
    return verdict.reason
  }
  const { status, headers, body, headersBefore } = answer
  const replayable = replayableHeaders(headers, headersBefore)
  const stored = { status, headers: replayable, body }
  const lifetimeMs = verdict.ttlMs + rule.graceMs
  const etag = generatedEtag(res, body)
  if (rule.compress) {
    if (etag !== undefined) replayable.etag ??= etag
    void compressed(stored)
      // Requests that wait for the load must not wait for ever, so an answer that cannot be compressed is kept as it is.
      .catch(() => stored)
      .then((smaller) => load.complete(encodeRepresentation(smaller), lifetimeMs))
    return undefined
  }
  // The tag that Express makes can be made again from the body.
  if (replayable.etag === etag) delete replayable.etag
  void load.complete(encodeRepresentation(stored), lifetimeMs)
  return undefined
}

function verdictOn({ rule, context, req }: CacheRequest, answer: RecordedAnswer): Storability {
  const { status, headers, body, headersBefore } = answer
  const { unless } = rule
  const facts = { status, headers, bodyBytes: body.length }
  const verdict = storability(facts, rule, headersBefore.vary, Date.now())
  if (!verdict.storable || !unless) return verdict
  const evaluate = (): Storability => {
    const isUnwanted = unless(parsedJson(headers['content-type'], body), req)
    return isUnwanted ? { storable: false, reason: 'unless' } : verdict
  }
  return evaluateOption(context.emit, rule, 'unless', evaluate, { storable: false, reason: 'unless failed' })
}
