import type { Response } from 'express'
import { markJson } from '../../http/mark.js'
import { isJson } from '../../http/representation.js'
import type { CacheableRule } from '../../rules/rule.js'

/** The parts of an answer that decide whether a rule marks it. */
export interface Markable {
  readonly status: number
  readonly contentType: unknown
  readonly body: Buffer
}

/** Adds the rule's mark to a body, if its answer is one that could have come from the cache. */
export function marked(
  { mark, statuses }: CacheableRule,
  { status, contentType, body }: Markable,
  isHit: boolean,
): Buffer {
  const isMarkable = mark !== undefined && statuses.has(status) && isJson(contentType)
  return isMarkable ? markJson(body, mark, isHit) : body
}

/** Adds the rule's mark to a body whose head is on the response already, and says there how long it has become. */
export function markAnswer(
  rule: CacheableRule,
  res: Response,
  status: number,
  body: Buffer,
  isHit: boolean,
): Buffer {
  const withMark = marked(rule, { status, contentType: res.getHeader('content-type'), body }, isHit)
  if (withMark !== body && res.hasHeader('Content-Length')) res.setHeader('Content-Length', withMark.length)
  return withMark
}
