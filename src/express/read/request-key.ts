import type { Request } from 'express'
import { hasOnlyCookies } from '../../http/request-cookies.js'
import { unanswerable } from '../../http/request-policy.js'
import { limitKey, type RenderedKey, renderKey, withVariant } from '../../keys/render.js'
import { namesPerson } from '../../rules/identity.js'
import type { CacheableRule } from '../../rules/rule.js'
import type { MiddlewareContext } from '../context.js'
import { evaluateOption } from '../evaluate-option.js'
import { type RequestValues, valuesOfRequest } from '../request-values.js'
import { keyNamesUser } from './names-user.js'

type KeyContext = Pick<MiddlewareContext, 'isEnabled' | 'emit' | 'claimKey' | 'harmlessCookies'>

/** Decides which key a request has under a rule, or why it has none and so bypasses the cache. */
export function requestKey(
  rule: CacheableRule,
  context: KeyContext,
  req: Request,
  values: RequestValues,
): RenderedKey {
  const refusal = refusalOf(rule, context, req, values)
  if (refusal !== undefined) return { ok: false, reason: refusal }
  const resolveValue = valuesOfRequest(req, values)
  const rendered = rule.functionKey
    ? keyByFunction(rule, rule.functionKey.render, context, req)
    : renderKey(rule.template, resolveValue)
  if (!rendered.ok) return rendered
  if (rule.visibility === 'user' && !keyNamesUser(rule, rendered.key, values.user, resolveValue)) {
    return { ok: false, reason: 'the key does not name the user' }
  }
  const { vary, version } = rule
  if (vary.length === 0 && version === undefined) return rendered
  const variant = new Map(vary.map((name) => [name, req.get(name)]))
  if (version !== undefined) variant.set('v', version)
  return limitKey(withVariant(rendered.key, variant))
}

function refusalOf(
  rule: CacheableRule,
  { isEnabled, emit, harmlessCookies }: KeyContext,
  req: Request,
  { route }: RequestValues,
): string | undefined {
  if (!isEnabled) return 'disabled'
  if (!rule.methods.has(req.method)) return `method ${req.method}`
  const refusal = unanswerable(req) ?? refusalByCondition(rule, emit, req)
  if (refusal !== undefined) return refusal
  return route === undefined && mayBePersonal(rule, req, harmlessCookies) ? 'credentials' : undefined
}

/**
 * Whether an answer may be for one person: nobody has looked at what lies behind a lookup that stands in front of many
 * routes, so a request that says who asks gets nobody else's answer unless the rule says that it may.
 */
function mayBePersonal(
  rule: CacheableRule,
  { headers }: Request,
  harmlessCookies: ReadonlySet<string>,
): boolean {
  const isAnonymous = headers.authorization === undefined && hasOnlyCookies(headers.cookie, harmlessCookies)
  return rule.visibility === 'shared' && !isAnonymous && !namesPerson(rule)
}

function keyByFunction(
  rule: CacheableRule,
  render: (req: Request) => RenderedKey,
  { emit, claimKey }: KeyContext,
  req: Request,
): RenderedKey {
  const evaluate = (): RenderedKey => {
    const rendered = render(req)
    if (rendered.ok) claimKey(rule, rendered.key)
    return rendered
  }
  return evaluateOption(emit, rule, 'key', evaluate, { ok: false, reason: 'key failed' })
}

/** Why the rule's condition keeps the request from the cache; `undefined` if it does not. */
function refusalByCondition(
  rule: CacheableRule,
  emit: MiddlewareContext['emit'],
  req: Request,
): string | undefined {
  const { condition } = rule
  if (condition === undefined) return undefined
  const evaluate = () => (condition(req) ? undefined : 'condition')
  return evaluateOption(emit, rule, 'condition', evaluate, 'condition failed')
}
