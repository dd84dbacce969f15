import type { OutgoingHttpHeaders } from 'node:http'
import { tokensOf } from '../../http/field-values.js'
import { containsNonce } from '../../http/nonce.js'
import { parsedJson } from '../../http/representation.js'
import { type Storability, storability } from '../../http/storability.js'
import { evaluateOption } from '../evaluate-option.js'
import type { AnswerHead } from '../response/final-head.js'
import type { CacheRequest } from './cache-request.js'

/** An answer, as far as it is known. */
export interface JudgedAnswer {
  /** The head as the route gave it, without what middleware in front adds when it leaves. */
  readonly route: AnswerHead
  /** The head as it leaves. */
  readonly final: AnswerHead
  readonly body: Buffer | undefined
  /** Of the body as it leaves. */
  readonly length: number | undefined
  /** What middleware in front had set before the lookup. */
  readonly headersBefore: OutgoingHttpHeaders
}

/** Headers by which also middleware in front may say that an answer is not for all. */
const OF_ALL = ['set-cookie', 'cache-control', 'expires', 'vary'] as const

/** Says whether an answer may be stored, as far as its head tells and, once it is known, its body. */
export function judgeAnswer(request: CacheRequest, answer: JudgedAnswer): Storability {
  const { rule, context, req } = request
  const { statuses, vary, ttlMs } = rule
  const { route, body, length } = answer
  const headers = judgedHeaders(request, answer)
  const verdict = storability(
    { status: statusOf(answer), headers, bodyBytes: length },
    { statuses, vary, ttlMs, harmlessCookies: context.harmlessCookies },
    earlierVary(answer),
    Date.now(),
  )
  if (!verdict.storable || body === undefined) return verdict
  if (containsNonce(answer.final.headers, body)) {
    context.warn(
      `${rule.where} stores nothing that has a nonce of its Content-Security-Policy in its body: it is for one response. Use hashes, or no cache for pages with nonces.`,
    )
    return { storable: false, reason: 'nonce' }
  }
  const { unless } = rule
  if (!unless) return verdict
  const evaluate = (): Storability => {
    const isUnwanted = unless(parsedJson(route.headers['content-type'], body), req)
    return isUnwanted ? { storable: false, reason: 'unless' } : verdict
  }
  return evaluateOption(context.emit, rule, 'unless', evaluate, { storable: false, reason: 'unless failed' })
}

/** A 304 that the cache has made stands for the route's own answer. */
function statusOf({ route, final }: JudgedAnswer): number {
  return final.status === 304 ? route.status : final.status
}

function judgedHeaders(
  { context }: CacheRequest,
  { route, final, headersBefore }: JudgedAnswer,
): OutgoingHttpHeaders {
  // Most answers are the same on their way through middleware in front, and a copy takes time.
  const isAsItLeft = OF_ALL.every((name) => final.headers[name] === route.headers[name])
  if (isAsItLeft && context.clientHeaders.size === 0) return route.headers
  const headers: OutgoingHttpHeaders = { ...route.headers }
  for (const name of OF_ALL) Object.assign(headers, { [name]: final.headers[name] })
  for (const name of context.clientHeaders) {
    const before = headersBefore[name]
    if (before !== undefined && String(before) === String(headers[name])) delete headers[name]
  }
  return headers
}

/** What middleware in front had said of `Vary`, and what it adds when the head leaves. */
function earlierVary({ route, final, headersBefore }: JudgedAnswer): readonly string[] {
  if (final.headers.vary === undefined) return tokensOf(headersBefore.vary)
  const ofRoute = new Set(tokensOf(route.headers.vary))
  const added = tokensOf(final.headers.vary).filter((name) => !ofRoute.has(name))
  return [...tokensOf(headersBefore.vary), ...added]
}
