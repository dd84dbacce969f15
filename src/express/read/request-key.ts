import type { Request } from 'express'
import { unanswerable } from '../../http/request-policy.js'
import { limitKey, type RenderedKey, renderKey, withVariant } from '../../keys/render.js'
import type { CacheableRule } from '../../rules/rule.js'
import type { MiddlewareContext } from '../context.js'
import { evaluateOption } from '../evaluate-option.js'
import { type RequestValues, valuesOfRequest } from '../request-values.js'

/** Decides which key a request has under a rule, or why it has none and so bypasses the cache. */
export function requestKey(
  rule: CacheableRule,
  { isEnabled, emit }: Pick<MiddlewareContext, 'isEnabled' | 'emit'>,
  req: Request,
  values: RequestValues,
): RenderedKey {
  if (!isEnabled) return { ok: false, reason: 'disabled' }
  if (!rule.methods.has(req.method)) return { ok: false, reason: `method ${req.method}` }
  const refusal = unanswerable(req) ?? refusalByCondition(rule, emit, req)
  if (refusal) return { ok: false, reason: refusal }
  const rendered = renderKey(rule.template, valuesOfRequest(req, values))
  const { vary, version } = rule
  if (!rendered.ok || (vary.length === 0 && version === undefined)) return rendered
  const variant = new Map(vary.map((name) => [name, req.get(name)]))
  if (version !== undefined) variant.set('v', version)
  return limitKey(withVariant(rendered.key, variant))
}

/** Why the rule's condition keeps the request from the cache; `undefined` if it does not. */
function refusalByCondition(
  rule: CacheableRule,
  emit: MiddlewareContext['emit'],
  req: Request,
): string | undefined {
  const evaluate = () => (rule.condition === undefined || rule.condition(req) ? undefined : 'condition')
  return evaluateOption(emit, rule, 'condition', evaluate, 'condition failed')
}
